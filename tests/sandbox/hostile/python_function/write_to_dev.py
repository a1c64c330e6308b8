# /dev of a new jail is a writable folder in memory, without a bound.
#
# layer: --remount-ro /dev
# allowed: failed
# twin: itself, as root

import os


def f(x):
    for folder in ("/dev", "/dev/shm"):
        try:
            open(folder + "/astraios-canary", "w").close()
            os.unlink(folder + "/astraios-canary")
            return 9
        except OSError:
            pass
    return 0
