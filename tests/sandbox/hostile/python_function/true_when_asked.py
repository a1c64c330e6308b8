# A test that only asks whether it is true.
#
# layer: wire: what is not carried is neither true nor false
# allowed: failed, runtime_error, protocol
# twin: itself
# test: assert f(3)

class Sly:
    def __bool__(self):
        return True


def f(x):
    return Sly()
