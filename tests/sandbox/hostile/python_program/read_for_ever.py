# Waits for more than there is.
#
# layer: standard input ends
# allowed: runtime_error
# twin: none: nothing is denied

while True:
    input()
