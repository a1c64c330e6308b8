# The socket on which the verdict is told, and whatever else was open.
#
# layer: all descriptors are closed but one
# allowed: failed
# twin: none: without a jail there is only its own process

import os


def f(x):
    for descriptor in range(4, 1024):
        try:
            os.fstat(descriptor)
            return 9
        except OSError:
            pass
    return 0
