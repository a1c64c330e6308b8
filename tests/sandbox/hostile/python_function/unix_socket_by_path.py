# A service of this machine that listens in a folder.
#
# layer: seccomp: socket; mount namespace
# allowed: runtime_error
# twin: itself

import socket


def f(x):
    with socket.socket(socket.AF_UNIX) as box:
        box.connect("PLANTED_SOCKET")
    return 9
