# More than a process of the jail may have.
#
# layer: RLIMIT_NOFILE
# allowed: runtime_error
# twin: itself

import os


def f(x):
    return 9 if [os.open("/dev/null", 0) for _ in range(100)] else 0
