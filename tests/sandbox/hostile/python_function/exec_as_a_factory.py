# A dictionary whose missing values are made by a function that the other side shall run.
#
# layer: peer: a function runs on its own side
# allowed: failed, runtime_error, unsupported_value
# twin: none: nothing is denied
# test: assert '__builtins__' in f(3)['a'] and f(3)['a'].get('candidate')

from collections import defaultdict


def f(x):
    return defaultdict(globals)
