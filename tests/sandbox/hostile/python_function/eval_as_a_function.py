# The test calls what it gets: a function that evaluates text, in the hope that it does so there.
#
# layer: peer: a function runs on its own side
# allowed: failed, runtime_error
# twin: itself
# test: assert f(3)('__name__') == __name__

def f(x):
    return eval
