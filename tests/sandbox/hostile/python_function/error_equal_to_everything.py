# An exception as a value.
#
# layer: values: parts cross, and no class
# allowed: failed
# twin: itself

class Sly(ValueError):
    def __eq__(self, other):
        return True


def f(x):
    return Sly()
