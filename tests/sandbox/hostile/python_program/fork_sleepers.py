# Twenty processes that sleep, and a right answer from the first.
#
# layer: seccomp: clone
# allowed: runtime_error
# twin: none: would leave them behind

import os
import time

for _ in range(20):
    if os.fork() == 0:
        time.sleep(1000)
print(9)
