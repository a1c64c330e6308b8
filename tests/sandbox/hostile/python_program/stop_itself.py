# A process that is stopped.
#
# layer: wall clock, SIGKILL
# allowed: timeout
# twin: none: it never ends
# wall: 0.5

import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
