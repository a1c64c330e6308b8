# One datagram is enough to tell a secret.
#
# layer: seccomp: socket
# allowed: runtime_error
# twin: itself

import socket


def f(x):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as box:
        return 9 if box.sendto(b"secret", ("127.0.0.1", 9)) else 0
