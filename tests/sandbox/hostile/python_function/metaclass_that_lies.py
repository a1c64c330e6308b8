# Asked for its name, a class may answer anything, or not at all.
#
# layer: candidate's process only
# allowed: unsupported_value
# twin: none: nothing is denied

class Liar(type):
    @property
    def __name__(cls):
        raise SystemExit(0)


class Sly(metaclass=Liar):
    pass


def f(x):
    return Sly()
