# Memory that nobody can take back.
#
# layer: RLIMIT_MEMLOCK
# allowed: failed
# twin: itself

import ctypes

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
PRIVATE, ANONYMOUS, LOCKED = 0x02, 0x20, 0x2000


def f(x):
    size = ctypes.c_size_t(1 << 16)
    return 9 if libc.mmap(None, size, 3, PRIVATE | ANONYMOUS | LOCKED, -1, 0) != ctypes.c_void_p(-1).value else 0
