# Process 1 is the init of its own namespace, which ignores what it does not handle. Harmless, so the right
# answer counts.
#
# layer: process namespace
# allowed: passed
# twin: none: would end the machine

import os
import signal

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD):
    os.kill(1, number)


def f(x):
    return x * x
