# The old way out of a folder.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.chroot(b"/astraios-nowhere")
    return 9
