# The test makes a list of what is large and has no end.
#
# layer: RLIMIT_AS, RLIMIT_CPU of the checker
# allowed: cpu_timeout, timeout, memory, protocol
# twin: none: nothing is denied
# test: assert list(f(3)) == [9]
# wall: 5

def f(x):
    while True:
        yield "x" * (1 << 20)
