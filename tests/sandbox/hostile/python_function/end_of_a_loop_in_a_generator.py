# StopIteration by a child class, to end a loop of the test.
#
# layer: exceptions: it arrives as another error
# allowed: runtime_error
# twin: itself
# test: assert all(map(lambda x: f(x) == 9, [3, 4, 5]))

class End(StopIteration):
    pass


def f(x):
    raise End
