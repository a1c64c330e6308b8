# Leaves its session, as daemons do. Harmless: the namespace ends all the same.
#
# layer: the end of the process namespace
# allowed: passed, runtime_error
# twin: none: nothing is denied

import os


def f(x):
    try:
        os.setsid()
    except PermissionError:
        pass
    return x * x
