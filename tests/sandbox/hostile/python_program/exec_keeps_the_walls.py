# Another program of the jail, which is behind the same walls. Then it tries again.
#
# layer: seccomp stays over exec
# allowed: failed, runtime_error, security
# twin: itself

import os
import sys

again = "import socket; socket.socket().close(); print(9)"
os.execv(sys.executable, ["python3", "-S", "-c", again])
