# Costs nothing and never comes back.
#
# layer: wall clock
# allowed: timeout
# twin: none: it never ends
# wall: 0.5

import time


def f(x):
    time.sleep(1000)
