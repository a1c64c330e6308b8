"""Outcomes of whole programs, from how they ended and what they printed."""

import signal

import pytest

from astraios_ray.records import Outcome
from astraios_ray.sandbox import compiled, printed
from astraios_ray.sandbox.jail.program import NO_COMPILE
from astraios_ray.sandbox.programs import Ran
from astraios_ray.sandbox.protocol import Limits

LIMITS = Limits()


def ran(status: int | None = 0, cut: str = "", stdout: str = "", stderr: str = "", cpu: float = 0.1) -> Ran:
    return Ran(status, cut, stdout.encode(), stderr.encode(), 0.5, cpu)


@pytest.mark.parametrize(
    ("one", "outcome"),
    [
        (ran(stdout="5\n"), Outcome.PASSED),
        (ran(stdout="5"), Outcome.PASSED),
        (ran(stdout="5  \n\n"), Outcome.PASSED),
        (ran(stdout=" 5"), Outcome.FAILED),
        (ran(stdout=""), Outcome.FAILED),
        (ran(stdout="5\n6"), Outcome.FAILED),
        (ran(3 << 8, stdout="5"), Outcome.RUNTIME_ERROR),
        (ran(signal.SIGSEGV, stdout="5"), Outcome.CRASH),
        (ran(signal.SIGSYS, stdout="5"), Outcome.SECURITY),
        (ran(signal.SIGXCPU, stdout="5"), Outcome.CPU_TIMEOUT),
        (ran(signal.SIGXFSZ, stdout="5"), Outcome.DISK_LIMIT),
        (ran(signal.SIGKILL, stdout="5", cpu=2.9), Outcome.CPU_TIMEOUT),
        (ran(signal.SIGKILL, stdout="5"), Outcome.MEMORY),
        (ran(None, "timeout", stdout="5"), Outcome.TIMEOUT),
        (ran(None, "output", stdout="5"), Outcome.OUTPUT_LIMIT),
        (ran(signal.SIGKILL, "output", stdout="5"), Outcome.OUTPUT_LIMIT),
    ],
)
def test_only_a_program_that_returns_0_and_prints_what_is_expected_passes(one: Ran, outcome: Outcome) -> None:
    assert printed.judged(one, "5\n", LIMITS).outcome is outcome


@pytest.mark.parametrize(
    ("stderr", "shown"),
    [
        ("", "said nothing"),
        ("Traceback\n  File x\nValueError: no\n", "ValueError: no"),
        (
            'Exception in thread "main" java.lang.Error\n\tat Main.main\n',
            'Exception in thread "main" java.lang.Error',
        ),
        ("\x1b[2Jgone\n", "?[2Jgone"),
    ],
)
def test_the_line_that_names_the_error_is_shown_and_harmless(stderr: str, shown: str) -> None:
    assert printed.judged(ran(256, stderr=stderr), "5", LIMITS).detail == f"exit status 1: {shown}"


@pytest.mark.parametrize(
    ("one", "outcome", "detail"),
    [
        (ran(), Outcome.PASSED, ""),
        (
            ran(NO_COMPILE << 8, stderr="a.c: In f\na.c:1: error: no\n"),
            Outcome.COMPILE_ERROR,
            "a.c:1: error: no",
        ),
        (ran(256, stderr="broke\n"), Outcome.COMPILE_ERROR, "the compiler ended with status 1: broke"),
        (ran(None, "timeout"), Outcome.COMPILE_ERROR, "the compiler was stopped: timeout: more than 10 s"),
        (ran(signal.SIGSEGV), Outcome.COMPILE_ERROR, "the compiler was stopped: crash: SIGSEGV"),
    ],
)
def test_what_does_not_compile_says_why(one: Ran, outcome: Outcome, detail: str) -> None:
    end = compiled.judged(one, LIMITS)
    assert (end.outcome, end.detail) == (outcome, detail)
