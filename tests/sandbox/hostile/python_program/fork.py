# A process of its own could outlive the check.
#
# layer: seccomp: clone
# allowed: runtime_error
# twin: itself

import os

child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
print(9)
