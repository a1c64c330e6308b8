# A surrogate without its other half breaks whoever writes it down.
#
# layer: wire: surrogatepass; details are made printable
# allowed: failed, runtime_error
# twin: none: nothing is denied

def f(x):
    raise ValueError("\ud800\x1b[2J\x00" + "x" * 10**6)
