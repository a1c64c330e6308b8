# A descriptor out of another process.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_pidfd_getfd, -1, 0, 0)
    return 9
