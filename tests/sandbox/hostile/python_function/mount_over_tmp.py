# A /tmp without a bound, over the one with a bound: it asks whether that was done.
#
# layer: seccomp: deadly; no capability
# allowed: security, failed
# twin: none: it would hide the machine's /tmp

import ctypes

libc = ctypes.CDLL(None)


def f(x):
    return 9 if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0 else 0
