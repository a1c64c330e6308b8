# Past every handler.
#
# layer: two processes
# allowed: early_exit
# twin: itself

import os

os._exit(0)
