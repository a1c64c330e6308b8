# Turns off the randomness of addresses.
#
# layer: seccomp: personality
# allowed: failed
# twin: itself

import ctypes

libc = ctypes.CDLL(None)


def f(x):
    return 9 if libc.personality(0xFFFFFFFF) >= 0 else 0
