# A process of its own could outlive the check.
#
# layer: seccomp: clone without CLONE_THREAD
# allowed: runtime_error
# twin: itself

import os


def f(x):
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return 9
