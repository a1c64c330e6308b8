# Half a megabyte of one number, which is slow to print.
#
# layer: wire: bytes; the test compares
# allowed: failed, runtime_error
# twin: none: nothing is denied

def f(x):
    return 1 << (1 << 22)
