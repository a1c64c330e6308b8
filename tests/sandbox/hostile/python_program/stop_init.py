# Its init, which ignores it. Harmless, so the right answer counts.
#
# layer: process namespace
# allowed: passed
# twin: none: would stop the machine

import os
import signal

os.kill(1, signal.SIGSTOP)
print(9)
