# Before anybody calls it.
#
# layer: RLIMIT_AS
# allowed: memory
# twin: itself

held = bytearray(600 << 20)


def f(x):
    return 9
