# Ten thousand threads that sleep.
#
# layer: RLIMIT_NPROC, RLIMIT_AS
# allowed: runtime_error, memory, crash, cpu_timeout, timeout
# twin: none: would starve the machine

import threading
import time


def f(x):
    for _ in range(10000):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    return 9
