# The number of the user that it really is.
#
# layer: user namespace: --uid 0
# allowed: failed
# twin: none: the tests may run as root

import os


def f(x):
    return 9 if os.getuid() != 0 or os.getgid() != 0 else 0
