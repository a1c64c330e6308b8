# Where objects are pickled, unpickling runs this.
#
# layer: wire: no pickle
# allowed: unsupported_value
# twin: none: nothing is denied

class Bomb:
    def __reduce__(self):
        return (eval, ("9",))


def f(x):
    return Bomb()
