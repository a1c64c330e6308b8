"""Outcomes of whole programs, from their end and their output."""

import signal

import pytest

from astraios_ray.records import Outcome
from astraios_ray.sandbox import compiled, printed
from astraios_ray.sandbox.jail.program import NO_COMPILE
from astraios_ray.sandbox.programs import JobResult
from astraios_ray.sandbox.protocol import Limits, ProgramCheck

LIMITS = Limits()


def expects(expected: str, *, numbers: bool = False) -> ProgramCheck:
    return ProgramCheck("python", "", "", expected, numbers)


def job_result(
    status: int | None = 0, cut: str = "", stdout: str = "", stderr: str = "", cpu: float = 0.1
) -> JobResult:
    return JobResult(status, cut, stdout.encode(), stderr.encode(), 0.5, cpu)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (job_result(stdout="5\n"), Outcome.PASSED),
        (job_result(stdout="5"), Outcome.PASSED),
        (job_result(stdout="5  \n\n"), Outcome.PASSED),
        (job_result(stdout=" 5"), Outcome.FAILED),
        (job_result(stdout=""), Outcome.FAILED),
        (job_result(stdout="5\n6"), Outcome.FAILED),
        (job_result(3 << 8, stdout="5"), Outcome.RUNTIME_ERROR),
        (job_result(signal.SIGSEGV, stdout="5"), Outcome.CRASH),
        (job_result(signal.SIGSYS, stdout="5"), Outcome.SECURITY),
        (job_result(signal.SIGXCPU, stdout="5"), Outcome.CPU_TIMEOUT),
        (job_result(signal.SIGXFSZ, stdout="5"), Outcome.DISK_LIMIT),
        (job_result(signal.SIGKILL, stdout="5", cpu=2.9), Outcome.CPU_TIMEOUT),
        (job_result(signal.SIGKILL, stdout="5"), Outcome.MEMORY),
        (job_result(None, "timeout", stdout="5"), Outcome.TIMEOUT),
        (job_result(None, "output", stdout="5"), Outcome.OUTPUT_LIMIT),
        (job_result(signal.SIGKILL, "output", stdout="5"), Outcome.OUTPUT_LIMIT),
    ],
)
def test_only_a_program_that_returns_0_and_prints_what_is_expected_passes(
    result: JobResult, outcome: Outcome
) -> None:
    assert printed.judged(result, expects("5\n"), LIMITS).outcome is outcome


@pytest.mark.parametrize(
    ("stdout", "expected", "outcome"),
    [
        ("1\n2", "1\r\n2\r\n\n", Outcome.PASSED),
        ("1 \t\n2", "1\n2", Outcome.PASSED),
        ("a\x0cb\u2028c", "a\x0cb\u2028c\n", Outcome.PASSED),
        *((f"1{mark}2", "1\n2", Outcome.FAILED) for mark in "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\r"),
        *((f"1{blank}", "1", Outcome.FAILED) for blank in "\xa0\u2003\u3000\x0c"),
        ("1\n\xa0", "1", Outcome.FAILED),
        (" 1", "1", Outcome.FAILED),
        ("\n1", "1", Outcome.FAILED),
    ],
)
def test_only_a_line_feed_ends_a_line_and_only_blanks_do_not_matter(
    stdout: str, expected: str, outcome: Outcome
) -> None:
    assert printed.judged(job_result(stdout=stdout), expects(expected), LIMITS).outcome is outcome


@pytest.mark.parametrize(
    ("stderr", "line"),
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
def test_the_line_that_names_the_error_is_shown_and_harmless(stderr: str, line: str) -> None:
    end = printed.judged(job_result(256, stderr=stderr), expects("5"), LIMITS)
    assert end.detail == f"exit status 1: {line}"


@pytest.mark.parametrize(
    ("result", "outcome", "detail"),
    [
        (job_result(), Outcome.PASSED, ""),
        (
            job_result(NO_COMPILE << 8, stderr="a.c: In f\na.c:1: error: no\n"),
            Outcome.COMPILE_ERROR,
            "a.c:1: error: no",
        ),
        (job_result(256, stderr="broke\n"), Outcome.COMPILE_ERROR, "the compiler ended with status 1: broke"),
        (
            job_result(None, "timeout"),
            Outcome.COMPILE_ERROR,
            "the compiler was stopped: timeout: more than 10 s",
        ),
        (job_result(signal.SIGSEGV), Outcome.COMPILE_ERROR, "the compiler was stopped: crash: SIGSEGV"),
    ],
)
def test_what_does_not_compile_says_why(result: JobResult, outcome: Outcome, detail: str) -> None:
    end = compiled.judged(result, LIMITS)
    assert (end.outcome, end.detail) == (outcome, detail)


@pytest.mark.parametrize(
    ("stdout", "expected", "same"),
    [
        ("1.0 2", "1 2.00", True),
        ("  yes \n1e2\n\n", "yes\n100", True),
        ("50000000000000001", "50000000000000000", False),
        ("0.1", "0.10000001", False),
        ("yes 1.0", "yes 1", False),
        ("1 2", "1\n2", False),
        ("sNaN", "1", False),
        ("1e9999999999999999999", "1", False),
        ("", "", True),
    ],
)
def test_lines_of_equal_numbers_are_equal_where_a_check_says_so(
    stdout: str, expected: str, same: bool
) -> None:
    end = printed.judged(job_result(stdout=stdout), expects(expected, numbers=True), LIMITS)
    assert (end.outcome is Outcome.PASSED) == same, end
