# Many processes, each of which stays below its limit.
#
# layer: seccomp: clone
# allowed: runtime_error
# twin: none: would take the machine's memory

import os

for _ in range(8):
    if os.fork() == 0:
        held = bytearray(400 << 20)
        os._exit(0)
print(9)
