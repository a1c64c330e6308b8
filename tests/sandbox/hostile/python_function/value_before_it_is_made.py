# A queue that refers to itself before it exists.
#
# layer: wire: no number before its value
# allowed: protocol
# twin: none: nothing is denied

import os

from astraios_ray.sandbox.jail import wire


def say(frame):
    os.write(3, len(frame).to_bytes(4, "big") + frame)


def f(x):
    frame = b"AU\0\0\0\3s\0\0\0\5valueM\0\0\0\5dequeU\0\0\0\1R\0\0\0\0U\0\0\0\0"
    say(frame)
    return 9
