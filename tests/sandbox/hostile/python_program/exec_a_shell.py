# Becomes whatever is there.
#
# layer: minimal root
# allowed: runtime_error
# twin: none: it answers no more

import os

os.execv("/bin/sh", ["sh", "-c", "echo 9"])
