# An object that can be called, and compares as it likes.
#
# layer: peer: a function stays on its side
# allowed: unsupported_value
# twin: itself

class Sly:
    def __call__(self):
        return 9

    def __eq__(self, other):
        return True


def f(x):
    return Sly()
