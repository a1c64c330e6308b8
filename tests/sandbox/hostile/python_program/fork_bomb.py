# Forks as often as it can, whatever it is told.
#
# layer: seccomp: clone; wall clock
# allowed: cpu_timeout, timeout
# twin: none: would take the machine down
# wall: 0.5

import os

while True:
    try:
        os.fork()
    except OSError:
        pass
