# An honest value, but no answer.
#
# layer: protocol of the wall
# allowed: protocol
# twin: none: nothing is denied

import os


def f(x):
    os.write(3, b"\x00\x00\x00\x01T")
    return 9
