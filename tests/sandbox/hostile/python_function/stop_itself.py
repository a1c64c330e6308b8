# A process that is stopped answers nobody.
#
# layer: wall clock, SIGKILL
# allowed: timeout
# twin: none: it never answers
# wall: 0.7

import os
import signal


def f(x):
    os.kill(os.getpid(), signal.SIGSTOP)
