# Where it runs.
#
# layer: --hostname, UTS namespace
# allowed: failed
# twin: itself

import os


def f(x):
    return 9 if os.uname().nodename != "box" else 0
