# Each driver has hundreds of these.
#
# layer: seccomp: arguments of ioctl
# allowed: failed
# twin: itself

import errno
import fcntl
import os

FS_IOC_GETFLAGS = 0x80086601


def f(x):
    with open("/tmp/file", "w") as file:
        try:
            fcntl.ioctl(file, FS_IOC_GETFLAGS, bytes(8))
        except OSError as error:
            return 0 if error.errno == errno.EPERM else 9
    return 9
