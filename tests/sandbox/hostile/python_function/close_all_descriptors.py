# A wall with nobody behind it.
#
# layer: two processes
# allowed: early_exit, protocol
# twin: none: nothing is denied

import os


def f(x):
    os.closerange(0, 64)
    return 9
