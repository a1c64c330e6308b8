# A comparison asks the object first.
#
# layer: wire: exact types only
# allowed: failed
# twin: itself

class Sly:
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0

    __hash__ = None


def f(x):
    return Sly()
