# Another kernel.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_kexec_load, 0, 0, None, 0xFFFF)
    return 9
