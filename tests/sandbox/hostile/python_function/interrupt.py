# An exception that no handler for errors catches.
#
# layer: two processes
# allowed: runtime_error
# twin: none: nothing is denied

def f(x):
    raise KeyboardInterrupt
