# The same, in the middle of the test.
#
# layer: two processes
# allowed: early_exit
# twin: itself

import os


def f(x):
    os._exit(0)
