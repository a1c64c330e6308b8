# With numbers that the kernel does not take for an order.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_reboot, 0, 0, 0, None)
    return 9
