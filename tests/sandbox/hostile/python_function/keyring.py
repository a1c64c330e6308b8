# Keys of the user, in no namespace.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_keyctl, 0, -3, 0)
    return 9
