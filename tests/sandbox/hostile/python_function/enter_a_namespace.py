# Somebody else's namespace, by a descriptor.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.setns(-1, 0)
    return 9
