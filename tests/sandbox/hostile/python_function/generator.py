# A value that is made when somebody looks.
#
# layer: wire: plain values only
# allowed: failed
# twin: itself
# test: assert list(f(3)) == [9]

def f(x):
    yield 9
