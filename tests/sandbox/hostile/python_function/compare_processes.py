# Whether two processes share something tells addresses of the kernel.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_kcmp, 1, 1, 0, 0, 0)
    return 9
