# And a third, with one bit more in the number.
#
# layer: seccomp: foreign architecture
# allowed: security, failed
# twin: none: most kernels have them turned off

import ctypes

libc = ctypes.CDLL(None)


def f(x):
    return 9 if libc.syscall(0x40000000 + 39) > 0 else 0
