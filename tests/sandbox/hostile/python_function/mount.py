# A file system of its own, over what is there.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.mount(b"none", b"/astraios-nowhere", b"tmpfs", 0, None)
    return 9
