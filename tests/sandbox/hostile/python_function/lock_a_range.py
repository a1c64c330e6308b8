# The other kind of lock.
#
# layer: seccomp: arguments of fcntl
# allowed: runtime_error
# twin: itself

import fcntl
import os


def f(x):
    fcntl.lockf(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_SH)
    return 9
