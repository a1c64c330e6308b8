# An answer to the next question, whatever it is.
#
# layer: one answer for one question; the test compares
# allowed: failed, protocol
# twin: none: nothing is denied

import os


def f(x):
    os.write(3, b"\x00\x00\x00\x06i\x00\x00\x00\x01\x09")
    return 0
