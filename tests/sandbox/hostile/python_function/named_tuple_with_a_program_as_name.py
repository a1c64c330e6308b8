# The names of a tuple's fields become source where it is made.
#
# layer: values: names only
# allowed: protocol
# twin: none: nothing is denied

import os

from astraios_ray.sandbox.jail import wire


def say(frame):
    os.write(3, len(frame).to_bytes(4, "big") + frame)


def f(x):
    parts = ("namedtuple", ("P", ("x=__import__('os')._exit(0)",), 9), False)
    say(b"A" + wire.dumps(("value", Ellipsis, ()), lambda value: parts))
    return 9
