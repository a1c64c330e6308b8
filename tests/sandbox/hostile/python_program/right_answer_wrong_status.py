# Prints the answer and says that it failed.
#
# layer: exit status
# allowed: runtime_error
# twin: none: nothing is denied

import sys

print(9)
sys.exit(1)
