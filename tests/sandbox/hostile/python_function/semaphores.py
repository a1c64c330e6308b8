# So are these.
#
# layer: seccomp: semget; IPC namespace
# allowed: failed
# twin: itself

import ctypes

libc = ctypes.CDLL(None)


def f(x):
    made = libc.semget(0, 1, 0o600)
    return 9 if made >= 0 and libc.semctl(made, 0, 0) == 0 else 0
