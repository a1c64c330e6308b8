# Memory as a file passes every check of addresses.
#
# layer: no /proc
# allowed: runtime_error
# twin: itself

def f(x):
    with open("/proc/self/mem", "rb"):
        return 9
