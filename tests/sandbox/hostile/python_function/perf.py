# Counters that tell what others do.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_perf_event_open, None, 0, -1, -1, 0)
    return 9
