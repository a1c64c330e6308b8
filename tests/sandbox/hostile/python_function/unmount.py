# What is mounted over something hides it.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.umount2(b"/astraios-nowhere", 0)
    return 9
