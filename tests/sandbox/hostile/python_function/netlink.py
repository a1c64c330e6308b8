# The kernel's own services.
#
# layer: seccomp: socket
# allowed: runtime_error
# twin: itself

import socket


def f(x):
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()
    return 9
