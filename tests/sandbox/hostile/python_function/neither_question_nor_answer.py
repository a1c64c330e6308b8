# A frame of a third kind.
#
# layer: peer: two kinds of frames
# allowed: protocol
# twin: none: nothing is denied

import os

from astraios_ray.sandbox.jail import wire


def say(frame):
    os.write(3, len(frame).to_bytes(4, "big") + frame)


def f(x):
    say(b"P" + wire.dumps(("passed", "", ())))
    return 9
