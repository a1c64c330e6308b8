# Name servers carry secrets out too.
#
# layer: seccomp: socket; no resolver
# allowed: runtime_error
# twin: itself

import socket


def f(x):
    return 9 if socket.getaddrinfo("localhost", 80) and socket.socket() else 0
