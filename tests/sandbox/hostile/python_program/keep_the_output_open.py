# A thread that outlives the answer and holds the output: whoever waits for its end waits for ever.
#
# layer: wall clock
# allowed: timeout
# twin: none: it never ends
# wall: 0.7

import threading
import time

print(9, flush=True)
threading.Thread(target=time.sleep, args=(1000,)).start()
