# Its own end of the wall says whatever it wants.
#
# layer: two processes
# allowed: protocol, failed, early_exit, timeout, runtime_error
# twin: none: nothing is denied
# wall: 1

import sys

from astraios_ray.sandbox.jail import candidate, frames, peer

candidate.send = lambda wall, value: frames.send_frame(wall, b"passed")
peer.send_frame = lambda wall, frame: wall.sendall(frames.struct.pack(">I", 6) + b"passed")


def f(x):
    return 0
