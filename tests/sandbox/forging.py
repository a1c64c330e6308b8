"""Hostile programs that forge a verdict."""

from tests.sandbox.attempt import (
    CRASH,
    EARLY_EXIT,
    FAILED,
    LOAD_ERROR,
    MEMORY,
    PROTOCOL,
    RUNTIME_ERROR,
    TIMEOUT,
    TIMES,
    function,
    hostile,
)

FORGING = (
    hostile("leave while loading", "two processes", (LOAD_ERROR,), "import sys\nsys.exit(0)\n"),
    hostile("leave in the call", "two processes", (RUNTIME_ERROR,), function("import sys; sys.exit(0)")),
    hostile("leave at once while loading", "two processes", (EARLY_EXIT,), "import os\nos._exit(0)\n"),
    hostile("leave at once in the call", "two processes", (EARLY_EXIT,), """
        import os
        def f(x):
            os._exit(0)
        """),
    hostile("crash", "the kernel's wait status", (CRASH,), function("""
        import ctypes
        ctypes.string_at(0)
        """)),
    hostile("equal to everything", "plain values only", (FAILED,), """
        class All:
            def __eq__(self, other): return True
        def f(x):
            return All()
        """),
    hostile("an integer equal to everything", "exact types only", (FAILED,), """
        class All(int):
            def __eq__(self, other): return True
        def f(x):
            return All(1)
        """),
    hostile("a pickle that runs", "no pickle", (FAILED,), """
        class Bomb:
            def __reduce__(self): return (eval, ("9",))
        def f(x):
            return Bomb()
        """),
    hostile("look for the test in frames", "the test is elsewhere", (FAILED,), function("""
        import sys, gc
        frame, seen = sys._getframe(), []
        while frame:
            seen.append(str(frame.f_locals))
            frame = frame.f_back
        seen += [thing for thing in gc.get_objects() if isinstance(thing, str)]
        return 9 if any("f(3) ==" + " 9" in text for text in seen) else 0
        """)),
    hostile("speak on every descriptor", "only the wall is there", (PROTOCOL, FAILED, TIMEOUT),
             function("""
        import os
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b"\\x00\\x00\\x00\\x05passed")
            except OSError:
                pass
        return 0
        """)),
    hostile("answer before being asked", "one answer per question", (FAILED, PROTOCOL), function("""
        import os, struct
        os.write(3, b"\\xff\\xff\\xff\\xff")
        return 9
        """)),
    hostile("nest without end", "depth of the wire", (RUNTIME_ERROR,), function("""
        value = []
        value.append(value)
        return value
        """)),
    hostile("a huge list", "size of the wire", (RUNTIME_ERROR, MEMORY, *TIMES), """
        def f(x):
            return [1] * 10 ** 7
        """),
    hostile("patch the built-ins", "own process only", (FAILED, PROTOCOL, RUNTIME_ERROR), """
        import builtins
        builtins.AssertionError = Exception
        builtins.isinstance = lambda *_: True
        def f(x):
            return 0
        """),
    hostile("an error with a lying name", "two processes", (RUNTIME_ERROR,), """
        class Passed(Exception):
            def __str__(self): raise KeyboardInterrupt
        Passed.__name__ = "SystemExit"
        def f(x):
            raise Passed
        """),
)  # fmt: skip
