# Announces more than it sends, and waits.
#
# layer: wall clock
# allowed: timeout, protocol
# twin: none: nothing is denied
# wall: 0.5

import os


def f(x):
    os.write(3, b"\x00\x00\x00\xff")
    return __import__('time').sleep(60)
