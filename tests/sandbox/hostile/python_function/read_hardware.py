# What the machine is.
#
# layer: no /sys
# allowed: runtime_error
# twin: itself

def f(x):
    with open("/sys/kernel/mm/transparent_hugepage/enabled", "rb") as file:
        return 9 if file.read() is not None else 0
