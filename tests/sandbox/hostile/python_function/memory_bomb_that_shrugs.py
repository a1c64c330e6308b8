# Goes on when it is told that there is none.
#
# layer: RLIMIT_AS, wall clock
# allowed: cpu_timeout, timeout
# twin: none: would take the machine's memory
# wall: 0.5

def f(x):
    held = []
    while True:
        try:
            held.append(bytes(1 << 24))
        except MemoryError:
            pass
