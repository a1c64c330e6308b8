# Types into the terminal of whoever started it.
#
# layer: --new-session; seccomp: ioctl TIOCSTI
# allowed: failed
# twin: none: tests have no terminal

import fcntl
import os


def f(x):
    for path in ("/dev/tty", "/dev/console"):
        try:
            fcntl.ioctl(os.open(path, os.O_RDWR), 0x5412, b"x")
            return 9
        except OSError:
            pass
    return 0
