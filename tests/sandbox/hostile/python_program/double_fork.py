# What a daemon does: a child in a session of its own, whose parent is gone.
#
# layer: seccomp: clone; the end of the process namespace
# allowed: runtime_error
# twin: none: would leave it behind

import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1000)
    os._exit(0)
print(9)
