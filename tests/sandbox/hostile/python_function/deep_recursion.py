# Recursion without the interpreter's own bound.
#
# layer: RLIMIT_STACK, RLIMIT_AS, wall clock
# allowed: runtime_error, crash, memory, cpu_timeout, timeout
# twin: none: how it ends depends on the machine
# wall: 0.7

import sys

sys.setrecursionlimit(10**9)


def f(x):
    return f(x)
