# Before anybody calls it.
#
# layer: wall clock
# allowed: timeout
# twin: none: it never ends
# wall: 0.5

import time

time.sleep(1000)
