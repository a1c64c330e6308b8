# socketpair is allowed for AF_UNIX; another family would reach another part of the kernel.
#
# layer: seccomp: arguments of socketpair
# allowed: failed
# twin: itself

import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
AF_INET, SOCK_STREAM = 2, 1


def f(x):
    libc.socketpair(AF_INET, SOCK_STREAM, 0, ctypes.create_string_buffer(8))
    return 0 if ctypes.get_errno() == errno.EPERM else 9
