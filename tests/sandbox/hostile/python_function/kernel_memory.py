# The oldest way to see everything.
#
# layer: no such device in the jail
# allowed: failed
# twin: none: most kernels refuse it to everybody

import os


def f(x):
    return 9 if any(os.path.exists(f"/dev/{name}") for name in ("mem", "kmem", "kmsg", "kvm", "fuse", "vsock")) else 0
