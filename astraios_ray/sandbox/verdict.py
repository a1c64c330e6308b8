"""Derive the outcome of a check from how its two processes ended."""

import os
import signal
from dataclasses import dataclass

from astraios_ray.errors import DataError, SandboxError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.protocol import Execution, Limits

_OUTCOMES = {
    "passed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "runtime_error": Outcome.RUNTIME_ERROR,
    "load_error": Outcome.LOAD_ERROR,
    "no_entry": Outcome.NO_ENTRY,
    "memory": Outcome.MEMORY,
    "unsupported_value": Outcome.UNSUPPORTED_VALUE,
    "vacuous": Outcome.VACUOUS,
    "protocol": Outcome.PROTOCOL,
    "early_exit": Outcome.EARLY_EXIT,
    "timeout": Outcome.TIMEOUT,
}
# A process that was killed after this share of its CPU time was killed for it: the limit counts clock ticks,
# the usage does not, and on a loaded machine the two differed by a fifth.
_ALMOST = 0.5


@dataclass(frozen=True)
class Ending:
    """How the processes of one check ended. A status is the kernel's wait status; None when we killed it."""

    report: str  # of the checker, or "timeout" or "checker_died" without one
    detail: str
    candidate: int | None
    checker: int | None
    wall_seconds: float
    cpu_seconds: float  # of the candidate
    checker_cpu_seconds: float = 0.0


def execution(ending: Ending, limits: Limits) -> Execution:
    """The outcome of a check. Raises SandboxError for a broken jail, DataError for a broken test."""
    if ending.report == "broken_test":
        raise DataError(f"A test or its prelude cannot be run: {ending.detail}.")
    outcome, detail = _outcome(ending, limits)
    return Execution(outcome, harmless(detail), ending.wall_seconds, ending.cpu_seconds)


def harmless(detail: str) -> str:
    """The detail without control characters and lone surrogates, safe to print and to write as UTF-8."""
    return "".join(letter if letter.isprintable() else "?" for letter in detail[:300])


def _outcome(ending: Ending, limits: Limits) -> tuple[Outcome, str]:
    if ending.report == "checker_died":
        out_of_time = ending.checker_cpu_seconds >= _ALMOST * limits.cpu_seconds
        if by_signal(ending.checker) == signal.SIGKILL and out_of_time:
            return Outcome.CPU_TIMEOUT, "while the test looked at its answer"
        raise SandboxError(f"The checker died with wait status {ending.checker} and no judgement.")
    if ending.report in ("early_exit", "timeout", "protocol"):
        signalled = by_signal(ending.candidate)
        if signalled is not None:
            return killed(signalled, ending.cpu_seconds, limits)
        if ending.report == "early_exit" and ending.candidate is not None:
            return Outcome.EARLY_EXIT, f"exit status {os.waitstatus_to_exitcode(ending.candidate)}"
    return _OUTCOMES[ending.report], ending.detail


def killed(number: int, cpu_seconds: float, limits: Limits) -> tuple[Outcome, str]:
    """The outcome of a process that was killed by signal ``number``."""
    if number == signal.SIGSYS:
        return Outcome.SECURITY, "a forbidden system call"
    if number == signal.SIGXCPU or (number == signal.SIGKILL and cpu_seconds >= _ALMOST * limits.cpu_seconds):
        return Outcome.CPU_TIMEOUT, f"more than {limits.cpu_seconds} s"
    if number == signal.SIGKILL:  # from the kernel, when the machine or a control group is out of memory
        return Outcome.MEMORY, "killed by the kernel, as what uses too much memory is"
    if number == signal.SIGXFSZ:
        return Outcome.DISK_LIMIT, f"a file of more than {limits.file_mib} MiB"
    return Outcome.CRASH, signal.Signals(number).name


def by_signal(status: int | None) -> int | None:
    """The signal that ended a process with this wait status, if one did."""
    return os.WTERMSIG(status) if status is not None and os.WIFSIGNALED(status) else None
