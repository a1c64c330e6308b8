# Announces four gigabytes.
#
# layer: wire: bytes of a frame
# allowed: protocol
# twin: none: nothing is denied

import os


def f(x):
    os.write(3, b"\xff\xff\xff\xff")
    return 9
