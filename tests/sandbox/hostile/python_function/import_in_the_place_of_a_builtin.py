# A function of the language, replaced by an import.
#
# layer: imports: a name of the language stays its own
# allowed: failed
# twin: none: nothing is denied
# test: assert abs(sum(f(3))) == 9

from operator import and_ as sum, truth
from math import *
from operator import *


def f(x):
    return [1]
