# An answer that makes a dictionary of a list.
#
# layer: values: contents of its own kind
# allowed: protocol
# twin: none: nothing is denied
# test: xs = [3]; assert f(xs) == 9 and xs == [3]

import os

from astraios_ray.sandbox.jail import wire


def say(frame):
    os.write(3, len(frame).to_bytes(4, "big") + frame)


def f(xs):
    say(b"A" + wire.dumps(("value", 9, ((0, {"a": 1}),))))
    return 9
