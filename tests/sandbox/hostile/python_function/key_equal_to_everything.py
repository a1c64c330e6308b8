# As the key of a dictionary.
#
# layer: peer: an object of another type stays on its side
# allowed: unsupported_value
# twin: itself
# test: assert f(3) == {9: 1}

class Sly:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash(9)


def f(x):
    return {Sly(): 1}
