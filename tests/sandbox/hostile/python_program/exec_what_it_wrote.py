# A program of its own.
#
# layer: mount: noexec
# allowed: runtime_error
# twin: itself

import os
import shutil
import sys

shutil.copy(sys.executable, "/tmp/own")
os.chmod("/tmp/own", 0o755)
os.execv("/tmp/own", ["/tmp/own", "-S", "-c", "print(9)"])
