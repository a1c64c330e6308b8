# Announces four billion values in ten bytes.
#
# layer: wire: number of values
# allowed: protocol
# twin: none: nothing is denied

import os


def f(x):
    os.write(3, b"\x00\x00\x00\x06AL\xff\xff\xff\xff")
    return 9
