# Another way to be no more; but the first process of a namespace hears no signal of its own.
#
# layer: the kernel, to which it is an init
# allowed: passed
# twin: none: nothing is denied

import os
import signal


def f(x):
    os.kill(os.getpid(), signal.SIGTERM)
    return x * x
