"""Whole programs and compilers in a real jail."""

import shutil

import pytest

from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.protocol import CompileCheck, Execution, Limits, ProgramCheck

LIMITS = Limits(wall_seconds=20.0)
needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
SUM_C = """
#include <stdio.h>
#include <math.h>
int main(void) { int a, b; scanf("%d %d", &a, &b); printf("%d\\n", (int) sqrt(a * a) + b); return 0; }
"""


def run(
    sandbox: Bubblewrap, source: str, expected: str, stdin: str = "", limits: Limits = LIMITS
) -> Execution:
    return sandbox.run_checks([ProgramCheck("python", source, stdin, expected)], limits)[0]


def run_c(sandbox: Bubblewrap, source: str, expected: str = "5") -> Execution:
    return sandbox.run_checks([ProgramCheck("c", source, "2 3", expected)], LIMITS)[0]


@pytest.mark.parametrize(
    ("expected", "outcome"),
    [("7\n", Outcome.PASSED), ("7", Outcome.PASSED), ("7  \n\n", Outcome.PASSED), ("8", Outcome.FAILED)],
)
def test_a_program_passes_when_it_prints_what_is_expected(
    sandbox: Bubblewrap, expected: str, outcome: Outcome
) -> None:
    assert run(sandbox, "print(sum(map(int, input().split())))", expected, "3 4\n").outcome is outcome


def test_the_first_line_that_differs_is_shown(sandbox: Bubblewrap) -> None:
    end = run(sandbox, "print('a')\nprint('b')", "a\nc\n")
    assert end.detail == "line 2: expected 'c', found 'b'"


@pytest.mark.parametrize(
    ("source", "outcome", "detail"),
    [
        ("print(5)\nimport sys; sys.exit(3)", Outcome.RUNTIME_ERROR, "exit status 3: said nothing"),
        ("print(5)\n1 / 0", Outcome.RUNTIME_ERROR, "exit status 1: ZeroDivisionError: division by zero"),
        ("def f(:", Outcome.RUNTIME_ERROR, "exit status 1: SyntaxError: invalid syntax"),
        ("import ctypes; ctypes.string_at(0)", Outcome.CRASH, "SIGSEGV"),
        ("while True: print('x' * 999)", Outcome.OUTPUT_LIMIT, "printed more than 1024 KiB"),
        ("import ctypes; ctypes.CDLL(None).ptrace(0, 0, 0, 0)", Outcome.SECURITY, "a forbidden system call"),
    ],
)
def test_a_program_that_ends_badly_is_told_how(
    sandbox: Bubblewrap, source: str, outcome: Outcome, detail: str
) -> None:
    end = run(sandbox, source, "5")
    assert (end.outcome, end.detail) == (outcome, detail)


def test_a_program_that_does_not_end_is_ended(sandbox: Bubblewrap) -> None:
    waits = "import os, time\nos.close(1)\nos.close(2)\ntime.sleep(60)"
    end = run(sandbox, waits, "", limits=Limits(wall_seconds=0.5))
    assert end.outcome is Outcome.TIMEOUT
    loops = run(sandbox, "while True: pass", "", limits=Limits(cpu_seconds=1, wall_seconds=20.0))
    assert loops.outcome is Outcome.CPU_TIMEOUT
    assert 0.5 < loops.cpu_seconds < 3


def test_what_threads_print_counts_and_nothing_is_left_for_the_next(sandbox: Bubblewrap) -> None:
    threads = "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.05), print(1))).start()"
    assert run(sandbox, threads, "1").outcome is Outcome.PASSED
    assert run(sandbox, "open('/tmp/left', 'w').write('x')", "").outcome is Outcome.PASSED
    assert run(sandbox, "import os; print(os.listdir('/tmp'))", "[]").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "program",
    [
        "import atexit\natexit.register(print, 2)\nprint(1)",
        "import atexit\natexit.register(print, 2)\nprint(1)\nraise SystemExit(0)",
        "import weakref\nclass A: pass\na = A()\nweakref.finalize(a, print, 2)\nprint(1)",
        "class A:\n    def __del__(self):\n        print(2)\na = A()\nprint(1)",
        "import threading, atexit\natexit.register(print, 2)\n"
        "threading.Thread(target=print, args=(1,)).start()",
        "import atexit\ndef fail(): raise ValueError\natexit.register(print, 2)\n"
        "atexit.register(fail)\nprint(1)",
    ],
)
def test_what_a_program_does_at_its_end_counts(program: str, sandbox: Bubblewrap) -> None:
    assert run(sandbox, program, "1\n2").outcome is Outcome.PASSED


def test_long_numbers_are_printed(sandbox: Bubblewrap) -> None:
    assert run(sandbox, "print(10 ** 6000)", "1" + "0" * 6000).outcome is Outcome.PASSED


@needs_gcc
def test_a_c_program_is_compiled_and_run(sandbox: Bubblewrap) -> None:
    assert run_c(sandbox, SUM_C).outcome is Outcome.PASSED
    assert run_c(sandbox, SUM_C, "6").outcome is Outcome.FAILED
    assert run_c(sandbox, "int main(void) { return 0; }").outcome is Outcome.FAILED
    broken = run_c(sandbox, "int main(void) { return 0 }")
    assert broken.outcome is Outcome.COMPILE_ERROR
    assert "expected ';'" in broken.detail


@needs_gcc
def test_a_source_that_only_has_to_compile_is_not_run(sandbox: Bubblewrap) -> None:
    flags = ("-O1", "-fanalyzer", "-c", "-o", "/tmp/out")
    leaky = "#include <stdlib.h>\nchar *f(void) { char *p = malloc(3); p[0] = 1; return p; }"
    (end,) = sandbox.run_checks([CompileCheck("c", leaky, flags)], LIMITS)
    assert end.outcome is Outcome.PASSED
    assert "-Wanalyzer-possible-null-dereference" in end.output


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("raise SystemExit(1)", Outcome.PASSED),
        ("def f(:", Outcome.COMPILE_ERROR),
        ("a\0b", Outcome.COMPILE_ERROR),
    ],
)
def test_python_compiles_without_being_run(sandbox: Bubblewrap, source: str, outcome: Outcome) -> None:
    assert sandbox.run_checks([CompileCheck("python", source)], LIMITS)[0].outcome is outcome
