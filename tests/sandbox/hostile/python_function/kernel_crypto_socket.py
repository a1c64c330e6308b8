# AF_ALG, a family that has had holes.
#
# layer: seccomp: socket
# allowed: runtime_error
# twin: none: needs a kernel with it

import socket


def f(x):
    socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0).close()
    return 9
