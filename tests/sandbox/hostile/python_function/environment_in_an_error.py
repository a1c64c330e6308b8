# Tells all that it sees in its error, which is printed.
#
# layer: --clearenv, and started with none of ours
# allowed: runtime_error
# twin: none: nothing is denied but the secret, for which every verdict is searched

import os


def f(x):
    raise ValueError(sorted(os.environ.values(), key=len, reverse=True))
