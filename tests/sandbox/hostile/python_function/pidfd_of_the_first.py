# A handle of the first process, to signal it or take its descriptors.
#
# layer: seccomp: pidfd_open
# allowed: failed
# twin: itself

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    return 9 if libc.syscall(NR_pidfd_open, 1, 0) >= 0 else 0
