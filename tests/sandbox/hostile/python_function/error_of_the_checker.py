# An exception that calls itself the checker's own, by which it says that a test is broken.
#
# layer: exceptions: only classes of the standard library are looked up
# allowed: runtime_error
# twin: none: nothing is denied

class BrokenTest(Exception):
    pass


BrokenTest.__module__ = "astraios_ray.sandbox.jail.checker"


def f(x):
    raise BrokenTest
