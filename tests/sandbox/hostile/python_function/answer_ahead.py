# An answer to the next question, whatever it is.
#
# layer: one answer for one question; the test compares
# allowed: failed, protocol
# twin: none: nothing is denied

import os

from astraios_ray.sandbox.jail import wire


def f(x):
    answer = b"A" + wire.dumps(("value", 4, ()))
    os.write(3, len(answer).to_bytes(4, "big") + answer)
    return 0
