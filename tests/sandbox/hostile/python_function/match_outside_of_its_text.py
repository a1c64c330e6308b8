# A match with spans that are none.
#
# layer: regex_match: spans inside of the text
# allowed: protocol
# twin: none: nothing is denied

import os

from astraios_ray.sandbox.jail import wire


def say(frame):
    os.write(3, len(frame).to_bytes(4, "big") + frame)


def f(x):
    parts = ("Match", ("abc", ((0, 99),), 0, 3, None, None, ()), False)
    say(b"A" + wire.dumps(("value", Ellipsis, ()), lambda value: parts))
    return 9
