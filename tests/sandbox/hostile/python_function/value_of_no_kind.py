# A value of a kind that nobody builds.
#
# layer: values: a closed set of kinds
# allowed: protocol
# twin: none: nothing is denied

import os

from astraios_ray.sandbox.jail import wire


def say(frame):
    os.write(3, len(frame).to_bytes(4, "big") + frame)


def f(x):
    say(b"A" + wire.dumps(("value", Ellipsis, ()), lambda value: ("eval", ("9",), False)))
    return 9
