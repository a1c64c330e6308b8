# A value that equals everything, under the name that the test uses.
#
# layer: imports: only names that mean the same everywhere
# allowed: unsupported_value
# twin: itself
# test: assert f(3) == expected

from unittest.mock import ANY as expected


def f(x):
    return 0
