"""Time limits of one problem on one machine, from how long its own reference solution takes there."""

import math
import os
from dataclasses import replace

from astraios_ray.errors import DataError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.protocol import Check, Execution, Limits, Sandbox

TIMES_AS_LONG = 10  # as the reference a program may compute, and never less than the plain limits
_GENEROUS = Limits(cpu_seconds=60, wall_seconds=120.0)

_known: dict[Check, float] = {}  # CPU seconds of references, in this process and so on this machine


def limits_from(reference: Check | None, where: str, sandbox: Sandbox) -> Limits:
    """The limits of a problem: CPU time from its reference, time on the wall from the machine's load too.

    A slow machine gives every program more CPU seconds, a loaded one more patience, so neither lowers a
    score. A reference is run once per process. Raises DataError, which begins with ``where``, when the
    reference itself is not judged to pass: then the problem judges nothing.
    """
    cpu_seconds = 0.0 if reference is None else _seconds(reference, where, sandbox)
    plain = Limits()
    allowed = max(plain.cpu_seconds, math.ceil(TIMES_AS_LONG * cpu_seconds))
    wall_seconds = allowed * plain.wall_seconds / plain.cpu_seconds * crowd()
    return replace(plain, cpu_seconds=allowed, wall_seconds=wall_seconds)


def crowd() -> float:
    """How many processes want each core, at least 1: so much longer everything takes on the wall."""
    return max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))


def _seconds(reference: Check, where: str, sandbox: Sandbox) -> float:
    if reference not in _known:
        (end,) = sandbox.run_checks([reference], _GENEROUS)
        _known[reference] = _passed(end, where).cpu_seconds
    return _known[reference]


def _passed(end: Execution, where: str) -> Execution:
    if end.outcome is not Outcome.PASSED:
        said = f" ({end.detail})" if end.detail else ""
        raise DataError(f"{where}: its own reference solution is judged {end.outcome}{said}.")
    return end
