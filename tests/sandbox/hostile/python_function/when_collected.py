# A destructor that leaves.
#
# layer: two processes
# allowed: early_exit, failed
# twin: none: nothing is denied

import os


class Leaves:
    def __del__(self):
        os._exit(0)


def f(x):
    Leaves()
    return 0
