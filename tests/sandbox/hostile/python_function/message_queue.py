# Kernel memory that outlives its process.
#
# layer: seccomp: mq_open; RLIMIT_MSGQUEUE
# allowed: failed
# twin: itself

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    queue = libc.mq_open(b"/astraios-canary", os.O_CREAT | os.O_RDWR, 0o600, None)
    if queue < 0:
        return 0
    libc.mq_unlink(b"/astraios-canary")
    return 9
