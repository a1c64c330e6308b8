# Other people's code, with whatever it holds.
#
# layer: minimal root: the standard library alone
# allowed: runtime_error
# twin: none: the tests' own Python may have none

def f(x):
    import numpy

    return 9 if numpy else 0
