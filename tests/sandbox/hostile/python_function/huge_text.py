# More bytes than the wall carries.
#
# layer: wire: bytes
# allowed: unsupported_value
# twin: none: nothing is denied

def f(x):
    return "x" * (20 << 20)
