# Calls the test's function for ever.
#
# layer: RLIMIT_CPU, wall clock
# allowed: cpu_timeout, timeout
# twin: none: nothing is denied
# test: assert f(lambda x: x) == 9
# wall: 3

def f(callback):
    while True:
        callback(1)
