# All the memory that there is.
#
# layer: RLIMIT_AS
# allowed: memory
# twin: none: would take the machine's memory

def f(x):
    held = []
    while True:
        held.append(bytes(1 << 24))
