# Other people's code, with whatever it holds.
#
# layer: minimal root: the standard library, and numpy alone of the environment's packages
# allowed: runtime_error
# twin: none: the tests' own Python may have none

def f(x):
    import torch

    return 9 if torch else 0
