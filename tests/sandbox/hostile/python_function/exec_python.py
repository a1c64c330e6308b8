# Becomes another program, with the same descriptors and none of our code.
#
# layer: seccomp: execve
# allowed: runtime_error
# twin: none: it answers no more

import os
import sys


def f(x):
    os.execv(sys.executable, ["python3", "-c", "pass"])
