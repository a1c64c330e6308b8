# Writes a program into /tmp and runs it.
#
# layer: seccomp: execve; mount: noexec
# allowed: runtime_error
# twin: none: it answers no more

import os
import shutil
import sys


def f(x):
    shutil.copy(os.__file__, "/tmp/program")
    os.chmod("/tmp/program", 0o755)
    os.execv("/tmp/program", ["program"])
