"""Judge whether a source compiles."""

from astraios_ray.records import Outcome
from astraios_ray.sandbox.jail.program import NO_COMPILE
from astraios_ray.sandbox.printed import last_line, not_by_itself
from astraios_ray.sandbox.programs import Ran
from astraios_ray.sandbox.protocol import Execution, Limits
from astraios_ray.sandbox.verdict import harmless

_SAID = 64 << 10  # bytes kept of what a compiler says


def judged(ran: Ran, limits: Limits) -> Execution:
    """PASSED when the compiler returned 0; a compiler that had to be stopped did not compile it."""
    end = not_by_itself(ran, limits)
    said = ran.stderr[:_SAID].decode(errors="replace")
    if end:
        detail = f"the compiler was stopped: {end[0]}: {end[1]}"
    elif ran.exit_status == NO_COMPILE:
        detail = first_error(said)
    elif ran.exit_status:
        detail = f"the compiler ended with status {ran.exit_status}: {last_line(ran.stderr)}"
    else:
        return Execution(Outcome.PASSED, "", ran.wall_seconds, ran.cpu_seconds, said)
    return Execution(Outcome.COMPILE_ERROR, harmless(detail), ran.wall_seconds, ran.cpu_seconds, said)


def first_error(said: str) -> str:
    """The first line that says ``error``, else the first line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), lines[0] if lines else "said nothing")
