# More in one file than is allowed; the signal that says so is not heard by the first process of a namespace.
#
# layer: RLIMIT_FSIZE
# allowed: runtime_error
# twin: itself

import signal


def f(x):
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    with open("/tmp/big", "wb") as file:
        for _ in range(20):
            file.write(bytes(1 << 20))
    return 9
