# A hook that sees every call in this process.
#
# layer: own process only
# allowed: failed
# twin: none: nothing is denied

import sys


def hook(frame, event, value):
    frame.f_locals["expected"] = 9
    return hook


sys.settrace(hook)
sys.setprofile(hook)


def f(x):
    return 0
