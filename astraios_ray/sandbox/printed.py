"""Judge a whole program by what it prints for what it reads."""

import signal

from astraios_ray.records import Outcome
from astraios_ray.sandbox.programs import Ran
from astraios_ray.sandbox.protocol import Execution, Limits
from astraios_ray.sandbox.verdict import by_signal, harmless, killed

_SHOWN = 60  # letters of a line that differs


def judged(ran: Ran, expected: str, limits: Limits) -> Execution:
    """The outcome: PASSED when it returned 0 and printed ``expected``. Blanks at line ends do not matter."""
    outcome, detail = _outcome(ran, expected, limits)
    return Execution(outcome, harmless(detail), ran.wall_seconds, ran.cpu_seconds)


def _outcome(ran: Ran, expected: str, limits: Limits) -> tuple[Outcome, str]:
    if end := not_by_itself(ran, limits):
        return end
    if ran.exit_status:
        return Outcome.RUNTIME_ERROR, f"exit status {ran.exit_status}: {last_line(ran.stderr)}"
    difference = _difference(ran.stdout.decode(errors="replace"), expected)
    return (Outcome.FAILED, difference) if difference else (Outcome.PASSED, "")


def not_by_itself(ran: Ran, limits: Limits) -> tuple[Outcome, str] | None:
    """The outcome of a process that did not return: cut short by us, or killed by the kernel."""
    number = by_signal(ran.status)
    if number is not None and not (ran.cut and number == signal.SIGKILL):
        return killed(number, ran.cpu_seconds, limits)
    if ran.cut == "output":
        return Outcome.OUTPUT_LIMIT, f"printed more than {limits.output_kib} KiB"
    if ran.cut == "timeout":
        return Outcome.TIMEOUT, f"more than {limits.wall_seconds:g} s"
    return None


def last_line(said: bytes) -> str:
    """The last line of what a program said that is not indented, which names its error."""
    lines = [line for line in said.decode(errors="replace").splitlines() if line and not line[0].isspace()]
    return lines[-1][:200] if lines else "said nothing"


def _difference(printed: str, expected: str) -> str:
    """Where the two differ first; empty when they do not."""
    ours, theirs = _lines(printed), _lines(expected)
    for number, (found, wanted) in enumerate(zip(ours, theirs, strict=False), start=1):
        if found != wanted:
            return f"line {number}: expected {wanted[:_SHOWN]!r}, found {found[:_SHOWN]!r}"
    if len(ours) != len(theirs):
        return f"expected {len(theirs)} lines, found {len(ours)}"
    return ""


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().splitlines()]
