# Without outputs there is no end to wait for, but the process runs on.
#
# layer: wall clock
# allowed: timeout
# twin: none: it never ends
# wall: 0.5

import os
import time

os.write(1, b"9")
os.close(1)
os.close(2)
time.sleep(1000)
