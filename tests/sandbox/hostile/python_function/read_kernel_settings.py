# A file that, where it can be written, starts programs outside of every namespace.
#
# layer: no /proc
# allowed: runtime_error
# twin: itself

def f(x):
    with open("/proc/sys/kernel/core_pattern", "rb") as file:
        return 9 if file.read() is not None else 0
