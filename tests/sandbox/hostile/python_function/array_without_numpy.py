# An array of objects, whose bytes are addresses of memory.
#
# layer: arrays: no type of objects
# allowed: protocol
# twin: none: nothing is denied

import os

from astraios_ray.sandbox.jail import wire


def say(frame):
    os.write(3, len(frame).to_bytes(4, "big") + frame)


def f(x):
    parts = ("numpy array", ("|O", (1,), bytes(8)), True)
    say(b"A" + wire.dumps(("value", Ellipsis, ()), lambda value: parts))
    return 9
