# Calls the test's function from a thread, after it has answered.
#
# layer: peer: a question is answered only while one is asked
# allowed: failed, protocol
# twin: none: nothing is denied
# test: seen = []; f(seen.append); assert seen == [9]

import threading
import time


def f(emit):
    threading.Thread(target=lambda: (time.sleep(0.1), emit(9)), daemon=True).start()
