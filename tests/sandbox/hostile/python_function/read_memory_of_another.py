# Memory of a process by its number.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def f(x):
    libc.syscall(NR_process_vm_readv, 1, None, 0, None, 0, 0)
    return 9
