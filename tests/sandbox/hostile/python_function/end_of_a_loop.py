# StopIteration ends a loop of the test in silence: nothing was unequal, so all was equal.
#
# layer: the checker raises it as another error
# allowed: runtime_error
# twin: itself
# test: assert all(map(lambda x: f(x) == 9, [3, 4, 5]))


def f(x):
    raise StopIteration
