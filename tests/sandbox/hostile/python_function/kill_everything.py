# Every process that it may signal.
#
# layer: process namespace
# allowed: memory, crash, early_exit, load_error
# twin: none: would end the session that runs the tests

import os

os.kill(-1, 9)


def f(x):
    return 9
