# The usual way to run something.
#
# layer: seccomp: fork, execve
# allowed: runtime_error
# twin: itself

import subprocess


def f(x):
    subprocess.run(["/bin/true"], check=True)
    return 9
