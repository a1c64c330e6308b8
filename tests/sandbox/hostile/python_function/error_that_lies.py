# An exception with another's name, that fails when it is asked for its text.
#
# layer: two processes
# allowed: runtime_error
# twin: none: nothing is denied

class Passed(Exception):
    def __str__(self):
        raise KeyboardInterrupt


Passed.__name__ = "SystemExit"


def f(x):
    raise Passed
