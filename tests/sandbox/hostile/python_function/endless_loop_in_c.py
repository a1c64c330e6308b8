# Python never gets to look at signals: a sum inside of one call.
#
# layer: wall clock
# allowed: cpu_timeout, timeout
# twin: none: it never ends
# wall: 0.5

def f(x):
    return sum(range(10**12))
