# Speaks to the host of a virtual machine. No namespace holds this.
#
# layer: seccomp: socket
# allowed: runtime_error
# twin: none: needs a virtual machine's driver

import socket


def f(x):
    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
    return 9
