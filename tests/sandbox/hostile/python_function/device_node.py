# The machine's disk, by its numbers.
#
# layer: seccomp: mknod; mount: nodev; no capability
# allowed: runtime_error
# twin: itself, as root

import os
import stat


def f(x):
    os.mknod("/tmp/disk", stat.S_IFBLK | 0o600, os.makedev(7, 0))
    return 9
