# Raises what the test raises, so that it looks like the test's.
#
# layer: the checker knows which call raised
# allowed: runtime_error
# twin: none: nothing is denied

def f(x):
    raise AssertionError("passed")
