# A segment that somebody of this machine made.
#
# layer: seccomp: shmget; IPC namespace
# allowed: failed
# twin: itself

import ctypes

libc = ctypes.CDLL(None)


def f(x):
    return 9 if libc.shmget(PLANTED_KEY, 0, 0) >= 0 else 0
