# It even is an int.
#
# layer: wire: exact types only
# allowed: failed
# twin: itself

class Sly(int):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0

    __hash__ = None


def f(x):
    return Sly(1)
