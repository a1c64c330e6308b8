# No attack: what an honest function looks like.
#
# layer: none
# allowed: passed
# twin: itself

def f(x):
    return x * x
