# Asks to be traced.
#
# layer: seccomp: deadly
# allowed: security
# twin: itself

import ctypes

ctypes.CDLL(None).ptrace(0, 0, 0, 0)
print(9)
