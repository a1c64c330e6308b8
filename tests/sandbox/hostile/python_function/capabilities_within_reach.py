# What a set-user program, or root after exec, could have.
#
# layer: bounding set dropped
# allowed: failed
# twin: itself, as root

import ctypes

libc = ctypes.CDLL(None)
PR_CAPBSET_READ = 23


def f(x):
    return 9 if any(libc.prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1 for number in range(41)) else 0
