# The signal of the soft limit is ignored, so the hard one must follow.
#
# layer: RLIMIT_CPU, hard
# allowed: cpu_timeout, timeout
# twin: none: it never ends

import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass


def f(x):
    while True:
        pass
