# What the environment was when it started.
#
# layer: no /proc
# allowed: runtime_error
# twin: itself

def f(x):
    with open("/proc/self/environ", "rb") as file:
        return 9 if file.read() is not None else 0
