# An exception whose class calls itself a function that ends a process.
#
# layer: exceptions: only exceptions are looked up
# allowed: runtime_error
# twin: none: nothing is denied

class Exit(Exception):
    pass


Exit.__module__, Exit.__qualname__ = "os", "_exit"


def f(x):
    raise Exit(0)
