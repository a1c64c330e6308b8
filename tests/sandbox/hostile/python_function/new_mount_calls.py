# The newer calls for mounts, which no rule for mount() sees.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_fsopen, b"astraios", 0)
    return 9
