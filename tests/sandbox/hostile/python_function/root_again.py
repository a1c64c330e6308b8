# In a user namespace of its own it is root again: it asks whether that was done.
#
# layer: seccomp: deadly; --disable-userns
# allowed: security, failed
# twin: none: it changes the process for good

import ctypes

libc = ctypes.CDLL(None)


def f(x):
    return 9 if libc.unshare(0x10000000) == 0 else 0
