# A place that is left for the next one, or has no bound.
#
# layer: --remount-ro / and /dev
# allowed: failed
# twin: itself, as root

import os


def f(x):
    for folder in ("/", "/dev", "/dev/shm", "/usr", "/usr/lib", "/jail", "/etc", "/var/tmp", "/home", "/run"):
        try:
            open(folder + "/astraios-canary", "w").close()
            os.unlink(folder + "/astraios-canary")
            return 9
        except OSError:
            pass
    return 0
