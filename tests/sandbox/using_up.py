"""Hostile programs that use up time or memory."""

from tests.sandbox.attempt import (
    CRASH,
    MEMORY,
    PASSED,
    RUNTIME_ERROR,
    TIMEOUT,
    TIMES,
    function,
    hostile,
)

USING_UP = (
    hostile("endless loop", "RLIMIT_CPU", TIMES, function("while True: pass")),
    hostile("endless loop while loading", "RLIMIT_CPU", TIMES, "while True: pass"),
    hostile("endless loop, deaf to signals", "RLIMIT_CPU, hard", TIMES, function("""
        import signal
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True: pass
        """)),
    hostile("sleep", "wall clock", (TIMEOUT,), function("import time; time.sleep(1000)")),
    hostile("stop itself", "wall clock", (TIMEOUT,), function("import os; os.kill(os.getpid(), 19)")),
    hostile("memory bomb", "RLIMIT_AS", (MEMORY, *TIMES), function("""
        held = []
        while True:
            held.append(bytes(1 << 24))
        """)),
    hostile("memory bomb that shrugs", "RLIMIT_AS, RLIMIT_CPU", TIMES, function("""
        held = []
        while True:
            try:
                held.append(bytes(1 << 24))
            except MemoryError:
                pass
        """)),
    hostile("deep recursion", "RLIMIT_AS, RLIMIT_CPU", (RUNTIME_ERROR, CRASH, MEMORY, *TIMES), """
        import sys
        sys.setrecursionlimit(10 ** 9)
        def f(x):
            return f(x)
        """),
    hostile("huge output", "no output but /dev/null", (PASSED, *TIMES), function("""
        for _ in range(100):
            print("x" * 1000000)
        return x * x
        """)),
)  # fmt: skip
