# Inside of an honest list.
#
# layer: wire: exact types only
# allowed: failed
# twin: itself
# test: assert f(3) == [9]

class Sly:
    def __eq__(self, other):
        return True


def f(x):
    return [Sly()]
