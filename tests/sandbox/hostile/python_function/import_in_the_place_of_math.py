# Another library under the name that the test uses without an import.
#
# layer: imports: only names that mean the same everywhere
# allowed: unsupported_value
# twin: none: the library has no such function
# test: assert math.isclose(f(3), 9)

from unittest import mock as math


def f(x):
    return 0
