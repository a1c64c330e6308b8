# Where the exit status decides, leaving is passing.
#
# layer: two processes
# allowed: load_error
# twin: itself

import sys

sys.exit(0)
