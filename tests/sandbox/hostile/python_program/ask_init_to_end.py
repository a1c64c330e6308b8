# The init ends its process when the zygote asks for it: somebody else's word must not do.
#
# layer: the sender that the kernel tells
# allowed: passed
# twin: none: would end the machine

import os
import signal
import time

os.kill(1, signal.SIGTERM)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
time.sleep(0.05)
print(9)
