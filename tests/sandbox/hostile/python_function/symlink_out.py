# A link is followed by whoever opens it, with its own rights.
#
# layer: mount namespace
# allowed: runtime_error
# twin: itself

import os


def f(x):
    os.symlink("/etc/passwd", "/tmp/link")
    with open("/tmp/link") as file:
        return 9 if file.read() else 0
