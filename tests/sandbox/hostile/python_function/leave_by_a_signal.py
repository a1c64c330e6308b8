# Another way to be no more.
#
# layer: the kernel's wait status
# allowed: crash
# twin: none: nothing is denied

import os
import signal


def f(x):
    os.kill(os.getpid(), signal.SIGTERM)
    return 9
