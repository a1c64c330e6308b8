# System calls through a queue, which no filter sees.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_io_uring_setup, 0, None)
    return 9
