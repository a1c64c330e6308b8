# A process that is stopped answers nobody; but the first of a namespace cannot stop itself.
#
# layer: the kernel, to which it is an init
# allowed: failed
# twin: none: nothing is denied

import os
import signal


def f(x):
    os.kill(os.getpid(), signal.SIGSTOP)
