# A number of a billion digits.
#
# layer: RLIMIT_AS, wall clock
# allowed: memory, cpu_timeout, timeout
# twin: none: it never ends
# wall: 0.5

def f(x):
    return 9 if 9 ** (9**10) else 0
