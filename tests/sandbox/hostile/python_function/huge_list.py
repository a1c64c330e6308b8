# More values than the wall carries.
#
# layer: wire: number of values
# allowed: unsupported_value, memory
# twin: none: nothing is denied

def f(x):
    return [1] * 10**7
