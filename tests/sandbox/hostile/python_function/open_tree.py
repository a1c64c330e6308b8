# Clones a tree of mounts.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_open_tree, -1, b"/astraios-nowhere", 0)
    return 9
