# Its own end of the wall says that no value changed, and that all were right.
#
# layer: two processes
# allowed: failed, protocol, timeout, early_exit
# twin: none: nothing is denied
# wall: 2

from astraios_ray.sandbox.jail import peer

peer.Peer._work = lambda self, *question: ("value", "passed")


def f(x):
    return 0
