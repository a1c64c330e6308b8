# Its module becomes something else between load and call.
#
# layer: own process only
# allowed: failed
# twin: none: nothing is denied

import sys


class Always:
    def __getattr__(self, name):
        return lambda *_: 9


def f(x):
    sys.modules["solution"] = sys.modules["__main__"] = Always()
    return 0
