# A file by its number, past every folder: how containers were left in 2014.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_open_by_handle_at, -1, None, 0)
    return 9
