# Ends itself as a failed assertion of C does.
#
# layer: the kernel's wait status
# allowed: crash
# twin: none: nothing is denied

import os


def f(x):
    os.abort()
