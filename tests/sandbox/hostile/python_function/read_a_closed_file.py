# Root reads files that are closed to everybody, by a capability.
#
# layer: no capability
# allowed: runtime_error
# twin: itself, as root

import os


def f(x):
    with open("/tmp/closed", "w") as file:
        file.write("x")
    os.chmod("/tmp/closed", 0)
    with open("/tmp/closed") as file:
        return 9 if file.read() else 0
