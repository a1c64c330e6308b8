# The same, in the middle of the test.
#
# layer: two processes
# allowed: runtime_error
# twin: itself

import sys


def f(x):
    sys.exit(0)
