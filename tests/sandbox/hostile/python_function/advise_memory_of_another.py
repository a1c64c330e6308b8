# Slows another process down.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_process_madvise, -1, None, 0, 0, 0)
    return 9
