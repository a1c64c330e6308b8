# / of a new jail is one too.
#
# layer: --remount-ro /
# allowed: failed
# twin: itself, as root

import os


def f(x):
    for folder in ("/", "/usr", "/jail", "/usr/lib"):
        try:
            open(folder + "/astraios-canary", "w").close()
            os.unlink(folder + "/astraios-canary")
            return 9
        except OSError:
            pass
    return 0
