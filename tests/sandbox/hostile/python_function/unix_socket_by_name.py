# A service that listens in no folder: such names belong to the network namespace.
#
# layer: seccomp: socket; network namespace
# allowed: runtime_error
# twin: itself

import socket


def f(x):
    with socket.socket(socket.AF_UNIX) as box:
        box.connect(b"\0PLANTED_NAME")
    return 9
