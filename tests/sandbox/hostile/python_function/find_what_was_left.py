# Looks for what another left, see leave_something.
#
# layer: fresh /tmp, fresh process
# allowed: failed
# twin: none: needs the other one

import builtins
import math
import os
import sys


def f(x):
    seen = os.listdir("/tmp") or math.sqrt is None or hasattr(builtins, "left") or "left" in sys.modules
    return 9 if seen else 0
