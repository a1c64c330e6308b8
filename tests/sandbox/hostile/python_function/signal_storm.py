# Interrupts its own work a thousand times a second. Its own affair.
#
# layer: own process only
# allowed: passed, runtime_error
# twin: none: nothing is denied

import signal

signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)


def f(x):
    return x * x
