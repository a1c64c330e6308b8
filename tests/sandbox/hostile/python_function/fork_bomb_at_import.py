# Forks before anybody calls it.
#
# layer: seccomp: clone
# allowed: load_error
# twin: none: would take the machine down

import os

while True:
    os.fork()
