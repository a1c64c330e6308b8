"""Outcomes from the report of the checker and the status of the kernel."""

import signal

import pytest

from astraios_ray.errors import DataError, SandboxError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.protocol import Limits
from astraios_ray.sandbox.verdict import Ending, execution

LIMITS = Limits(cpu_seconds=2)


def outcome(
    report: str,
    candidate: int | None = None,
    checker: int | None = None,
    cpu: float = 0.0,
    checked: float = 0.0,
) -> Outcome:
    return execution(Ending(report, "", candidate, checker, 1.0, cpu, checked), LIMITS).outcome


@pytest.mark.parametrize(
    "report", ["passed", "failed", "load_error", "no_entry", "vacuous", "memory", "runtime_error"]
)
def test_a_judgement_of_the_checker_stands_however_the_candidate_ended(report: str) -> None:
    assert {outcome(report, status) for status in (None, 0, signal.SIGKILL)} == {Outcome(report)}


@pytest.mark.parametrize(
    ("status", "cpu", "result"),
    [
        (0, 0.0, Outcome.EARLY_EXIT),
        (3 << 8, 0.0, Outcome.EARLY_EXIT),
        (None, 0.0, Outcome.EARLY_EXIT),
        (signal.SIGSYS, 0.0, Outcome.SECURITY),
        (signal.SIGXCPU, 0.0, Outcome.CPU_TIMEOUT),
        (signal.SIGKILL, 2.9, Outcome.CPU_TIMEOUT),
        (signal.SIGKILL, 0.1, Outcome.MEMORY),
        (signal.SIGXFSZ, 0.0, Outcome.DISK_LIMIT),
        (signal.SIGSEGV, 0.0, Outcome.CRASH),
    ],
)
def test_a_candidate_that_vanished_is_judged_by_the_kernels_status(
    status: int | None, cpu: float, result: Outcome
) -> None:
    assert outcome("early_exit", status, cpu=cpu) is result


def test_a_candidate_still_running_at_the_deadline_timed_out() -> None:
    assert outcome("timeout", None) is Outcome.TIMEOUT


def test_a_checker_that_used_up_its_time_on_an_answer_is_the_candidates_doing() -> None:
    assert outcome("checker_died", None, signal.SIGKILL, checked=2.0) is Outcome.CPU_TIMEOUT


@pytest.mark.parametrize("status", [None, 0, 99 << 8, signal.SIGSEGV, signal.SIGKILL])
def test_a_checker_that_ended_otherwise_is_no_verdict(status: int | None) -> None:
    with pytest.raises(SandboxError, match="no judgement"):
        outcome("checker_died", 0, status)


def test_a_broken_test_is_an_error_of_the_data() -> None:
    with pytest.raises(DataError):
        outcome("broken_test")


def test_what_the_program_says_can_be_printed_and_stored() -> None:
    ending = Ending("runtime_error", "E: \x1b[2J\ud800\0" + "x" * 999, None, None, 0.0, 0.0)
    detail = execution(ending, LIMITS).detail
    assert detail.startswith("E: ?[2J??x")
    assert len(detail.encode()) == 300
