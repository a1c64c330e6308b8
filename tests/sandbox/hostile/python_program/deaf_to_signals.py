# Ignores what can be ignored.
#
# layer: SIGKILL
# allowed: cpu_timeout, timeout
# twin: none: it never ends
# wall: 0.5

import signal
import time

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
time.sleep(1000)
