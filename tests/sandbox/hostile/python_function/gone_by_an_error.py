# An exception that claims to be every class of the language.
#
# layer: exceptions: only exceptions are looked up
# allowed: runtime_error, failed
# twin: none: nothing is denied

class Sly(BaseException):
    pass


Sly.__module__, Sly.__qualname__ = "builtins", "type"


def f(x):
    raise Sly
