# Before anybody calls it.
#
# layer: wall clock
# allowed: cpu_timeout, timeout
# twin: none: it never ends
# wall: 0.5

while True:
    pass
