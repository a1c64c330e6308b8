# A question of no kind.
#
# layer: peer: two kinds of questions
# allowed: protocol
# twin: none: nothing is denied

import os

from astraios_ray.sandbox.jail import wire


def say(frame):
    os.write(3, len(frame).to_bytes(4, "big") + frame)


def f(x):
    say(b"Q" + wire.dumps(("eval", 0, "1", {})))
    return 9
