# What a judge that hides os._exit does not hide.
#
# layer: two processes
# allowed: early_exit
# twin: itself

import ctypes


def f(x):
    ctypes.CDLL(None)._exit(0)
