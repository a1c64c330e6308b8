# A function by which the test's side would lead to all its objects, and so to what decides.
#
# layer: library: a program runs its own
# allowed: failed
# twin: none: in one process everything is within reach
# test: assert f(getattr)

def f(get):
    try:
        classes = get(get((), "__class__").__base__, "__subclasses__")()
        return any(get(kind, "__module__") == "astraios_ray.sandbox.jail.checker" for kind in classes)
    except Exception:
        return False
