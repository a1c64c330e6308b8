# The test is in a frame above, where both are one process.
#
# layer: two processes
# allowed: failed
# twin: none: nothing is denied

import gc
import sys


def f(x):
    frame, seen = sys._getframe(), []
    while frame:
        seen.append(str(frame.f_locals))
        frame = frame.f_back
    seen += [thing for thing in gc.get_objects() if isinstance(thing, str)]
    return 9 if any("f(3) ==" + " 9" in text for text in seen) else 0
