# A shell would read this as killed by SIGKILL.
#
# layer: the kernel's wait status
# allowed: runtime_error
# twin: none: nothing is denied

import os

print(9, flush=True)
os._exit(137)
