# Turns on a fault handler that writes where the wall is.
#
# layer: descriptors are the candidate's own
# allowed: protocol, crash, failed, early_exit
# twin: none: nothing is denied

import ctypes
import faulthandler

faulthandler.enable(file=3)


def f(x):
    ctypes.string_at(0)
