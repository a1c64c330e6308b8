# Reads address 0.
#
# layer: the kernel's wait status
# allowed: crash
# twin: none: nothing is denied

import ctypes


def f(x):
    ctypes.string_at(0)
