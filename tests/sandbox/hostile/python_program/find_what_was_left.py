# Looks for what another left.
#
# layer: fresh /tmp, fresh process
# allowed: failed
# twin: none: needs the other one

import math
import os

print(9 if os.listdir("/tmp") or math.sqrt is None else 0)
