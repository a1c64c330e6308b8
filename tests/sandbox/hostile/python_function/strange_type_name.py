# A class whose name is no text, or a very long one.
#
# layer: wire: names are cut
# allowed: failed, runtime_error
# twin: none: nothing is denied

def f(x):
    return type("\ud800" * 10000, (), {})()
