# A pattern whose search takes longer than the age of the world.
#
# layer: wall clock
# allowed: cpu_timeout, timeout
# twin: none: it never ends
# wall: 0.5

import re


def f(x):
    return 9 if re.match("(a+)+b", "a" * 99) else 0
