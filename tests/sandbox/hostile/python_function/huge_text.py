# More bytes than the wall carries.
#
# layer: wire: bytes
# allowed: runtime_error
# twin: none: nothing is denied

def f(x):
    return "x" * (8 << 20)
