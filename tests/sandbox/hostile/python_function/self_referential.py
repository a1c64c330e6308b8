# It has no end.
#
# layer: wire: a number for what has crossed already
# allowed: failed
# twin: none: nothing is denied

def f(x):
    value = []
    value.append(value)
    return value
