# A number of three letters that has a billion digits.
#
# layer: RLIMIT_CPU, RLIMIT_AS of the checker
# allowed: cpu_timeout, timeout, memory, failed
# twin: none: nothing is denied
# test: assert int(f(3)) == 9
# wall: 3

from decimal import Decimal


def f(x):
    return Decimal("1E+999999999")
