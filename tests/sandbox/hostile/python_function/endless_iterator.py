# The test makes a list of what has no end.
#
# layer: RLIMIT_CPU, RLIMIT_AS of both processes
# allowed: cpu_timeout, timeout, memory, protocol
# twin: none: nothing is denied
# test: assert list(f(3)) == [9]
# wall: 3

def f(x):
    while True:
        yield 9
