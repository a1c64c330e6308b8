# A lock on a file that all jails see is a channel between them.
#
# layer: seccomp: flock
# allowed: runtime_error
# twin: itself

import fcntl
import os


def f(x):
    fcntl.flock(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_SH)
    return 9
