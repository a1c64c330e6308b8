# From the test's function to the globals of the test.
#
# layer: peer: a function is a number
# allowed: failed, runtime_error
# twin: itself
# test: expected = 9; assert f(lambda: 0) == expected

def f(callback):
    return callback.__globals__["expected"]
