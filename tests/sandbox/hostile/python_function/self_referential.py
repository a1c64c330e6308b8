# It has no end.
#
# layer: wire: depth
# allowed: runtime_error
# twin: none: nothing is denied

def f(x):
    value = []
    value.append(value)
    return value
