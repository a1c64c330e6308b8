# Plays the checker itself, with a message of its own.
#
# layer: the supervisor's socket is not in this process; nonce
# allowed: failed, runtime_error, protocol, load_error, early_exit
# twin: none: nothing is denied
# wall: 1

from socket import socket

from astraios_ray.sandbox.jail import frames

for descriptor in range(3, 64):
    try:
        frames.send(socket(fileno=descriptor), [bytes(16), "passed", ""])
    except Exception:
        pass


def f(x):
    return 0
