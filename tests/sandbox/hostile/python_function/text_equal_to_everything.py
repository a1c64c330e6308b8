# Or a str.
#
# layer: wire: exact types only
# allowed: failed
# twin: itself

class Sly(str):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0

    __hash__ = None


def f(x):
    return Sly("a")
