"""What a problem's own reference solution says: its limits on this machine, and whether its values cross."""

import math
import os
from dataclasses import replace

from astraios_ray.errors import DataError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.protocol import Check, Execution, Limits, Sandbox

TIMES_AS_LONG = 10  # a program may compute so many times as long as the reference
_GENEROUS = Limits(cpu_seconds=60, wall_seconds=120.0)
_ROOMY = replace(_GENEROUS, memory_mib=4096)  # only for a problem whose reference needs more than the default

_ends: dict[Check, tuple[Execution, Limits]] = {}  # of references, in this process, hence on this machine


def limits_from(reference: Check | None, where: str, sandbox: Sandbox) -> Limits:
    """The limits of a problem: CPU time from its reference, wall time also from the machine's load.

    A slow machine gives every program more CPU seconds, a loaded one more wall time, so neither lowers a
    score. The limits are never below the default ones. A reference is run once per process. Raises DataError,
    which begins with ``where``, when the reference itself does not pass, since its problem cannot judge.
    """
    plain = Limits()
    end, limits = (Execution(Outcome.PASSED), plain) if reference is None else _end(reference, sandbox)
    needed = math.ceil(TIMES_AS_LONG * _passed(end, where).cpu_seconds)
    return limits_of(max(plain.cpu_seconds, needed), limits.memory_mib)


def limits_of(cpu_seconds: int, memory_mib: int) -> Limits:
    """Limits with a time of the CPU, and the wall time that it takes on this machine under its load."""
    plain = Limits()
    wall_seconds = cpu_seconds * plain.wall_seconds / plain.cpu_seconds * crowd()
    return replace(plain, cpu_seconds=cpu_seconds, wall_seconds=wall_seconds, memory_mib=memory_mib)


def needs_one_process(reference: Check, sandbox: Sandbox) -> bool:
    """Whether the reference itself gives a value that cannot cross between two processes."""
    return _end(reference, sandbox)[0].outcome is Outcome.UNSUPPORTED_VALUE


def crowd() -> float:
    """Processes per core, at least 1: the factor by which wall time grows on a loaded machine."""
    return max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))


def _end(reference: Check, sandbox: Sandbox) -> tuple[Execution, Limits]:
    """How the reference ended, and under which limits."""
    if reference not in _ends:
        for limits in (_GENEROUS, _ROOMY):
            (end,) = sandbox.run_checks([reference], limits)
            _ends[reference] = end, limits
            if end.outcome is not Outcome.MEMORY:
                break
    return _ends[reference]


def _passed(end: Execution, where: str) -> Execution:
    if end.outcome is not Outcome.PASSED:
        detail = f" ({end.detail})" if end.detail else ""
        raise DataError(f"{where}: its own reference solution is judged {end.outcome}{detail}.")
    return end
