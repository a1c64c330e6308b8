# A name that the next one reads, see host_name.
#
# layer: seccomp: sethostname; UTS namespace; no capability
# allowed: runtime_error
# twin: none: would rename the machine

import socket


def f(x):
    socket.sethostname("mine")
    return 9
