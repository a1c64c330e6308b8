# Kernel memory, and a channel to the next one.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_add_key, None, None, None, 0, -3)
    return 9
