# A service of this machine, as a database or a metadata server.
#
# layer: seccomp: socket; empty network namespace
# allowed: runtime_error
# twin: itself

import socket


def f(x):
    socket.create_connection(("127.0.0.1", PLANTED_PORT), 2).close()
    return 9
