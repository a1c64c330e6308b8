# Stops the kernel in the middle of a copy: half of an exploit.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_userfaultfd, -1)
    return 9
