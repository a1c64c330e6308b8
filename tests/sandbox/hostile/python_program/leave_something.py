# Changes all that it can for the one that comes after it. Right, so it counts.
#
# layer: fresh /tmp, fresh process
# allowed: passed
# twin: none: nothing is denied

import math

open("/tmp/left", "w").close()
math.sqrt = None
print(9)
