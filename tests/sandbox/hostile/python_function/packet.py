# Reads what passes on the wire.
#
# layer: seccomp: socket; no capability
# allowed: runtime_error
# twin: itself, as root

import socket


def f(x):
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    return 9
