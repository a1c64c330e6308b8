# The flag in clone, instead of unshare.
#
# layer: seccomp: flags of clone
# allowed: failed
# twin: none: it leaves a process behind

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER, SIGCHLD = 0x10000000, 17


def f(x):
    child = libc.syscall(NR_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    return 9 if child > 0 else 0
