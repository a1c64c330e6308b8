# A library of its own would do without Python.
#
# layer: mount: noexec
# allowed: runtime_error
# twin: itself

import ctypes
import shutil

import _ctypes


def f(x):
    shutil.copy(_ctypes.__file__, "/tmp/own.so")
    return 9 if ctypes.CDLL("/tmp/own.so") else 0
