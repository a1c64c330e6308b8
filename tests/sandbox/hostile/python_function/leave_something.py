# Changes all that it can for the one that comes after it. Right, so it counts.
#
# layer: fresh /tmp, fresh process
# allowed: passed
# twin: none: nothing is denied; see find_what_was_left

import builtins
import math
import os
import sys

open("/tmp/left", "w").close()
os.makedirs("/tmp/left.d/left", exist_ok=True)
math.sqrt = None
builtins.left = True
sys.modules["left"] = math


def f(x):
    return x * x
