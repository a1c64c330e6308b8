# The argument comes back full of objects that compare as they like.
#
# layer: peer: an object of another type stays on its side
# allowed: unsupported_value
# twin: itself
# test: xs = [3]; f(xs); assert xs == [9]

class Sly:
    def __eq__(self, other):
        return True


def f(xs):
    xs[:] = [Sly()]
