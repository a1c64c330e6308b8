# Namespaces of its own; asked for none, since it is the call that is deadly.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.unshare(0)
    return 9
