# The test's function calls it, and it calls the test's function.
#
# layer: the stack of both processes
# allowed: failed, runtime_error, crash, early_exit, memory, protocol, cpu_timeout, timeout, unsupported_value
# twin: none: nothing is denied
# test: again = lambda callback: f(again); assert f(again) == 9
# wall: 5

def f(callback):
    return callback(callback)
