# Exchanges the root.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_pivot_root, b"/astraios-nowhere", b"/astraios-nowhere")
    return 9
