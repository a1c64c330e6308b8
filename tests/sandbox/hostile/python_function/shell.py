# A shell, which says by its exit status that it cannot be started.
#
# layer: seccomp: fork; no shell in the jail
# allowed: failed, runtime_error
# twin: itself

import os


def f(x):
    return 9 if os.system("true") == 0 else 0
