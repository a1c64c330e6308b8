# A comparison asks the object first.
#
# layer: peer: an object of another type stays on its side
# allowed: unsupported_value
# twin: itself

class Sly:
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0

    __hash__ = None


def f(x):
    return Sly()
