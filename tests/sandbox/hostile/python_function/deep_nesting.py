# Whoever compares it runs out of stack.
#
# layer: wire: depth
# allowed: unsupported_value
# twin: none: nothing is denied

def f(x):
    value = []
    for _ in range(10000):
        value = [value]
    return value
