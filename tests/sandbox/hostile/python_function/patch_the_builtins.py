# Names that everybody uses.
#
# layer: own process only
# allowed: failed, protocol, runtime_error
# twin: none: nothing is denied

import builtins

builtins.AssertionError = Exception
builtins.isinstance = lambda *_: True
builtins.len = lambda *_: 9


def f(x):
    return 0
