# One call, a hundred purposes: this one is the slack of timers.
#
# layer: seccomp: arguments of prctl
# allowed: failed
# twin: itself

import ctypes

libc = ctypes.CDLL(None)


def f(x):
    return 9 if libc.prctl(29, 1, 0, 0, 0) == 0 else 0
