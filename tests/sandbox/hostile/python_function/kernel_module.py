# Code of the kernel.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_finit_module, -1, None, 0)
    return 9
