"""Judge a whole program by its output for its input."""

import signal
from decimal import Decimal

from astraios_ray.records import Outcome
from astraios_ray.sandbox.programs import JobResult
from astraios_ray.sandbox.protocol import Execution, Limits, ProgramCheck
from astraios_ray.sandbox.verdict import by_signal, harmless, killed

_EXCERPT = 60  # characters of a line that differs


def judged(result: JobResult, check: ProgramCheck, limits: Limits) -> Execution:
    """PASSED when the program returned 0 and printed what the check expects.

    Only ``\\n`` ends a line. Blanks and carriage returns at its end do not matter, nor do empty last lines.
    """
    outcome, detail = _outcome(result, check, limits)
    return Execution(outcome, harmless(detail), result.wall_seconds, result.cpu_seconds)


def _outcome(result: JobResult, check: ProgramCheck, limits: Limits) -> tuple[Outcome, str]:
    if end := not_by_itself(result, limits):
        return end
    if result.exit_status:
        return Outcome.RUNTIME_ERROR, f"exit status {result.exit_status}: {last_line(result.stderr)}"
    difference = _difference(result.stdout.decode(errors="replace"), check)
    return (Outcome.FAILED, difference) if difference else (Outcome.PASSED, "")


def not_by_itself(result: JobResult, limits: Limits) -> tuple[Outcome, str] | None:
    """The outcome of a process that was stopped by us or killed by the kernel; None for any other."""
    number = by_signal(result.status)
    if number is not None and not (result.cut and number == signal.SIGKILL):
        return killed(number, result.cpu_seconds, limits)
    if result.cut == "output":
        return Outcome.OUTPUT_LIMIT, f"printed more than {limits.output_kib} KiB"
    if result.cut == "timeout":
        return Outcome.TIMEOUT, f"more than {limits.wall_seconds:g} s"
    return None


def last_line(output: bytes) -> str:
    """The last line of the output that is not indented, which names the error."""
    lines = [line for line in output.decode(errors="replace").splitlines() if line and not line[0].isspace()]
    return lines[-1][:200] if lines else "said nothing"


def _difference(printed: str, check: ProgramCheck) -> str:
    """The first difference from what the check expects; empty when there is none."""
    lines, expected_lines = _lines(printed, check), _lines(check.expected, check)
    for number, (line, expected_line) in enumerate(zip(lines, expected_lines, strict=False), start=1):
        if line != expected_line and not (check.numbers and _equal_numbers(line, expected_line)):
            return f"line {number}: expected {expected_line[:_EXCERPT]!r}, found {line[:_EXCERPT]!r}"
    if len(lines) != len(expected_lines):
        return f"expected {len(expected_lines)} lines, found {len(lines)}"
    return ""


def _lines(text: str, check: ProgramCheck) -> list[str]:
    if check.numbers:
        return [line.strip() for line in text.strip().split("\n")]
    lines = [line.rstrip(" \t\r") for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _equal_numbers(line: str, expected: str) -> bool:
    try:
        return [Decimal(word) for word in line.split()] == [Decimal(word) for word in expected.split()]
    except ArithmeticError:  # a word is no number, or a signalling NaN
        return False
