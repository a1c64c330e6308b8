# Asks for every process number whether there is somebody.
#
# layer: process namespace
# allowed: failed
# twin: itself

import os


def f(x):
    for pid in range(3, 20_000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            continue
        except PermissionError:
            pass
        if pid not in (os.getpid(), os.getppid()):
            return 9
    return 0
