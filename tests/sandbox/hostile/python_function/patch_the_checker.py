# The checker's module is loaded here too, but this is not where it runs.
#
# layer: two processes
# allowed: failed
# twin: none: nothing is denied

from astraios_ray.sandbox.jail import checker

checker._judge = lambda *_: ("passed", "")
checker.Candidate.calls = 1


def f(x):
    return 0
