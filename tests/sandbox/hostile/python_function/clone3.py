# The newer call whose flags are in memory, where no filter can read them.
#
# layer: seccomp: clone3 is absent
# allowed: failed
# twin: itself

import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    arguments = ctypes.create_string_buffer(struct.pack("11Q", 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0))
    child = libc.syscall(NR_clone3, arguments, 88)
    if child == 0:
        os._exit(0)
    return 9 if child > 0 and os.waitpid(child, 0) else 0
