# Every process that it may signal.
#
# layer: process namespace
# allowed: memory, crash, runtime_error, early_exit
# twin: none: would end the session that runs the tests

import os

os.kill(-1, 9)
print(9)
