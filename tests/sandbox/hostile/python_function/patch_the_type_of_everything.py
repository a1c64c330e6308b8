# The check for exact types asks type(): here it lies.
#
# layer: the other side builds its own values
# allowed: failed, protocol, runtime_error, early_exit
# twin: none: nothing is denied

import builtins

builtins.type = lambda *_: int


class Sly:
    def __eq__(self, other):
        return True


def f(x):
    return Sly()
