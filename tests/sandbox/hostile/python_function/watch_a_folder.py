# Is told what others do with the files that all see.
#
# layer: seccomp: inotify
# allowed: failed
# twin: itself

import ctypes

libc = ctypes.CDLL(None)


def f(x):
    return 9 if libc.inotify_init1(0) >= 0 else 0
