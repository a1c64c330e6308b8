"""Judge whether a source compiles."""

from astraios_ray.records import Outcome
from astraios_ray.sandbox.jail.program import NO_COMPILE
from astraios_ray.sandbox.printed import last_line, not_by_itself
from astraios_ray.sandbox.programs import JobResult
from astraios_ray.sandbox.protocol import Execution, Limits
from astraios_ray.sandbox.verdict import harmless

_OUTPUT_BYTES = 64 << 10  # of a compiler's messages that are kept


def judged(result: JobResult, limits: Limits) -> Execution:
    """PASSED when the compiler returned 0, else COMPILE_ERROR, also when it had to be stopped."""
    end = not_by_itself(result, limits)
    output = result.stderr[:_OUTPUT_BYTES].decode(errors="replace")
    if end:
        detail = f"the compiler was stopped: {end[0]}: {end[1]}"
    elif result.exit_status == NO_COMPILE:
        detail = first_error(output)
    elif result.exit_status:
        detail = f"the compiler ended with status {result.exit_status}: {last_line(result.stderr)}"
    else:
        return Execution(Outcome.PASSED, "", result.wall_seconds, result.cpu_seconds, output)
    return Execution(Outcome.COMPILE_ERROR, harmless(detail), result.wall_seconds, result.cpu_seconds, output)


def first_error(output: str) -> str:
    """The first line that contains ``error``, else the first line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), lines[0] if lines else "said nothing")
