# A small answer whose every level holds the next one twice: who compares it compares for years.
#
# layer: RLIMIT_CPU of the checker, wall clock
# allowed: cpu_timeout, timeout
# twin: none: nothing is denied
# test: assert f(3) == f(3) and f(3) == 9
# wall: 3

def f(x):
    value = [x]
    for _ in range(60):
        value = [value, value]
    return value
