# The first thing that a set-user program does. It asks to be who it is, which the kernel would always grant.
#
# layer: seccomp: setuid
# allowed: runtime_error
# twin: itself

import os


def f(x):
    os.setuid(os.getuid())
    return 9
