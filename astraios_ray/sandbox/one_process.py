"""Check a Python function in one process with its test, for a problem whose reference cannot be split.

The walls around the process are the same, but a hostile program can read the test, change it, and pass. So a
score names each problem that was judged in this way.
"""

import secrets

from astraios_ray.records import Outcome
from astraios_ray.sandbox.printed import last_line, not_by_itself
from astraios_ray.sandbox.programs import Job, JobResult, run_job
from astraios_ray.sandbox.protocol import Execution, FunctionCheck, Limits
from astraios_ray.sandbox.verdict import harmless
from astraios_ray.sandbox.warm_jail import WarmJail

_LOADED = b"loaded "
_PROGRAM = """
import os, sys, types
module = sys.modules["solution"] = types.ModuleType("solution")
names = vars(module)
report = os.dup(1)
try:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
except PermissionError:  # level 2 opens no device
    os.dup2(2, 1)
exec(compile({check.prelude!r}, "<prelude>", "exec"), names)
exec(compile({check.source!r}, "<solution>", "exec"), names)
names["candidate"] = names[{check.entry_point!r}]
os.write(report, {loaded!r})
exec(compile({check.test!r}, "<test>", "exec"), names)
os.write(report, {mark!r})
"""


def check_in_one_process(jail: WarmJail, check: FunctionCheck, limits: Limits) -> Execution:
    """Judge one function. Raises SandboxError when the jail breaks."""
    mark = secrets.token_bytes(16)
    program = _PROGRAM.format(check=check, loaded=_LOADED, mark=mark)
    result = run_job(jail, Job("python", program.encode()), limits)
    outcome, detail = not_by_itself(result, limits) or _outcome(result, mark)
    return Execution(outcome, harmless(detail), result.wall_seconds, result.cpu_seconds)


def _outcome(result: JobResult, mark: bytes) -> tuple[Outcome, str]:
    error = last_line(result.stderr)
    if not result.stdout.startswith(_LOADED):
        return Outcome.LOAD_ERROR, error
    if result.exit_status == 0:
        has_ended = result.stdout == _LOADED + mark
        return (Outcome.PASSED, "") if has_ended else (Outcome.EARLY_EXIT, "exit status 0")
    return (Outcome.MEMORY if error.startswith("MemoryError") else Outcome.FAILED), error
