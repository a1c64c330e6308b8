# More than is allowed, at once.
#
# layer: RLIMIT_AS
# allowed: memory
# twin: itself

def f(x):
    return 9 if bytearray(600 << 20) else 0
