# Names a value of the test that there is not.
#
# layer: peer: numbers of what was given
# allowed: protocol
# twin: none: nothing is denied

import os

from astraios_ray.sandbox.jail import wire


def say(frame):
    os.write(3, len(frame).to_bytes(4, "big") + frame)


def f(x):
    say(b"A" + wire.dumps(("value", Ellipsis, ()), lambda value: ("yours", (0,), False)))
    return 9
