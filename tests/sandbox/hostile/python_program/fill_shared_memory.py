# /dev/shm is memory that looks like a folder.
#
# layer: --remount-ro /dev
# allowed: runtime_error
# twin: itself

import os

with open("/dev/shm/astraios-canary", "wb") as file:
    file.write(bytes(1 << 20))
os.unlink("/dev/shm/astraios-canary")
print(9)
