# A test that only asks whether it is true.
#
# layer: peer: an object of another type stays on its side
# allowed: unsupported_value
# twin: itself
# test: assert f(3)

class Sly:
    def __bool__(self):
        return True


def f(x):
    return Sly()
