# Bytes that mean nothing.
#
# layer: wire: closed set of tags
# allowed: protocol
# twin: none: nothing is denied

import os


def f(x):
    os.write(3, b"\x00\x00\x00\x05A????")
    return 9
