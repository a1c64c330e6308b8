# Asks to be traced, which makes its parent the master of its registers.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.ptrace(0, 0, 0, 0)
    return 9
