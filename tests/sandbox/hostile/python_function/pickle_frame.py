# A pickle, in case somebody loads it.
#
# layer: wire: no pickle
# allowed: protocol
# twin: none: nothing is denied

import os


def f(x):
    os.write(3, b"\x00\x00\x00\x06A\x80\x04K\x09.")
    return 9
