# An answer that changes an argument that was never there.
#
# layer: peer: numbers of this call only
# allowed: protocol
# twin: none: nothing is denied

import os

from astraios_ray.sandbox.jail import wire


def say(frame):
    os.write(3, len(frame).to_bytes(4, "big") + frame)


def f(x):
    say(b"A" + wire.dumps(("value", 9, ((7, (1,)),))))
    return 9
