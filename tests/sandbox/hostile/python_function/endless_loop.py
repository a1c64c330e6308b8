# Until somebody ends it.
#
# layer: RLIMIT_CPU
# allowed: cpu_timeout
# twin: none: it never ends

def f(x):
    while True:
        pass
