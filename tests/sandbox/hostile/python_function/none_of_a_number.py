# A number that is unequal to itself fools tests that ask for a difference.
#
# layer: the test compares
# allowed: failed
# twin: none: nothing is denied

def f(x):
    return float("nan")
