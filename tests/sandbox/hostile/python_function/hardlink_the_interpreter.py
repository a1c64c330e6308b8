# A second name for a file of the machine, with the same content.
#
# layer: another file system
# allowed: failed
# twin: itself, as root

import os
import sys


def f(x):
    try:
        os.link(os.path.realpath(os.__file__), os.path.dirname(os.path.realpath(os.__file__)) + "/astraios-canary")
    except OSError:
        return 0
    os.unlink(os.path.dirname(os.path.realpath(os.__file__)) + "/astraios-canary")
    return 9
