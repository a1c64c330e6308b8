# Up until there is no further up, then down again.
#
# layer: --unshare-user, mount namespace
# allowed: failed
# twin: itself

import os


def f(x):
    here = os.open("/", os.O_RDONLY)
    for _ in range(50):
        here = os.open("..", os.O_RDONLY, dir_fd=here)
    return 9 if "etc" in os.listdir(here) else 0
