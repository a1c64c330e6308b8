# Is told when another opens the file.
#
# layer: seccomp: arguments of fcntl
# allowed: runtime_error
# twin: itself

import fcntl
import os


def f(x):
    with open("/tmp/leased", "w"):
        pass
    fcntl.fcntl(os.open("/tmp/leased", os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)
    return 9
