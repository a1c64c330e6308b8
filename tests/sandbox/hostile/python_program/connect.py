# Every way to somebody else on this machine.
#
# layer: seccomp: socket; network and mount namespaces
# allowed: failed
# twin: itself

import socket

reached = []
for family, address in (
    (socket.AF_INET, ("127.0.0.1", PLANTED_PORT)),
    (socket.AF_UNIX, "PLANTED_SOCKET"),
    (socket.AF_UNIX, "\0PLANTED_NAME"),
):
    try:
        with socket.socket(family) as box:
            box.connect(address)
        reached.append(address)
    except OSError:
        pass
print(9 if reached else 0)
