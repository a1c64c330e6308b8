# Paths of the host.
#
# layer: no /proc
# allowed: runtime_error
# twin: itself

def f(x):
    with open("/proc/self/cgroup", "rb") as file:
        return 9 if file.read() is not None else 0
