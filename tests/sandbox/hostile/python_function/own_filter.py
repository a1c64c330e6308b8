# A filter of its own could hide calls from the exact status of its end.
#
# layer: seccomp: seccomp, prctl 22
# allowed: failed
# twin: itself

import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_seccomp, 2, 0, ctypes.create_string_buffer(4))
    return 0 if ctypes.get_errno() == errno.EPERM else 9
