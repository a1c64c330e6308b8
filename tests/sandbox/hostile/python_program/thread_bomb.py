# Ten thousand threads that sleep.
#
# layer: RLIMIT_NPROC
# allowed: runtime_error, memory, crash
# twin: none: would starve the machine

import threading
import time

for _ in range(10000):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print(9)
