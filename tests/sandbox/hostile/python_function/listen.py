# Waits for orders from outside.
#
# layer: seccomp: socket
# allowed: runtime_error
# twin: itself

import socket


def f(x):
    with socket.create_server(("127.0.0.1", 0)):
        return 9
