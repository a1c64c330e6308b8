# What the process that judges knows: tokens, passwords.
#
# layer: --clearenv, and started with none of ours
# allowed: failed
# twin: itself

import os

HARMLESS = {"PATH", "HOME", "LANG", "LC_CTYPE", "PWD", "LD_LIBRARY_PATH", "OMP_NUM_THREADS", "PYTHONHASHSEED"}


def f(x):
    return 9 if set(os.environ) - HARMLESS else 0
