# Prints the answer and dies.
#
# layer: the kernel's wait status
# allowed: crash
# twin: none: nothing is denied

import ctypes

print(9, flush=True)
ctypes.string_at(0)
