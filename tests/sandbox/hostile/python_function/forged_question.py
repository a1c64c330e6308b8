# A question about a function that the test never gave away.
#
# layer: peer: numbers of what was given
# allowed: protocol
# twin: none: nothing is denied

import os

from astraios_ray.sandbox.jail import wire


def say(frame):
    os.write(3, len(frame).to_bytes(4, "big") + frame)


def f(x):
    say(b"Q" + wire.dumps(("call", 0, (), {})))
    return 9
