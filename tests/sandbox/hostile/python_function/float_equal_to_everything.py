# Or a float, for tests with a tolerance.
#
# layer: wire: exact types only
# allowed: failed
# twin: itself

class Sly(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0

    __hash__ = None


def f(x):
    return Sly(1)
