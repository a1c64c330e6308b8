# A thread that nobody waits for. Right, so it counts; nothing may be left of it.
#
# layer: the end of the process namespace
# allowed: passed
# twin: none: nothing is denied

import threading
import time

threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
print(9)
