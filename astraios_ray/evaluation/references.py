"""What a problem's own reference solution says: its limits on this machine, and whether its values cross."""

import math
import os
from collections.abc import Hashable
from dataclasses import replace

from astraios_ray.errors import DataError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.protocol import Check, Execution, Limits, Sandbox

TIMES_AS_LONG = 10  # a program may compute so many times as long as the reference
_PLAIN = Limits()
_ROOMY_MIB = 4096  # of memory, only for a problem whose reference needs more than the default

_ends: dict[Hashable, tuple[Execution, Limits]] = {}  # of references, in this process, hence on this machine


def limits_from(reference: Check | None, where: str, sandbox: Sandbox, plain: Limits = _PLAIN) -> Limits:
    """The limits of a problem: CPU time from its reference, wall time also from the machine's load.

    A slow machine gives every program more CPU seconds, a loaded one more wall time, so neither lowers a
    score. The limits are never below the ``plain`` ones. A reference is run once per process and sandbox.
    Raises DataError, which begins with ``where``, when the reference itself does not pass, since its problem
    cannot judge.
    """
    end, limits = (Execution(Outcome.PASSED), plain) if reference is None else _end(reference, sandbox, plain)
    needed = math.ceil(TIMES_AS_LONG * _passed(end, where).cpu_seconds)
    return limits_of(max(plain.cpu_seconds, needed), limits.memory_mib, plain)


def limits_of(cpu_seconds: int, memory_mib: int, plain: Limits = _PLAIN) -> Limits:
    """Limits with a time of the CPU, and the wall time that it takes on this machine under its load."""
    wall_seconds = cpu_seconds * plain.wall_seconds / plain.cpu_seconds * crowd()
    return replace(plain, cpu_seconds=cpu_seconds, wall_seconds=wall_seconds, memory_mib=memory_mib)


def needs_one_process(reference: Check, sandbox: Sandbox) -> bool:
    """Whether the reference itself gives a value that cannot cross between two processes."""
    return reference_end(reference, sandbox).outcome is Outcome.UNSUPPORTED_VALUE


def reference_end(reference: Check, sandbox: Sandbox, plain: Limits = _PLAIN) -> Execution:
    """How the reference itself is judged, with more time than any answer gets."""
    return _end(reference, sandbox, plain)[0]


def crowd() -> float:
    """Processes per core, at least 1: the factor by which wall time grows on a loaded machine."""
    return max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))


def _end(reference: Check, sandbox: Sandbox, plain: Limits) -> tuple[Execution, Limits]:
    """How the reference ended, and under which limits."""
    key = reference, plain, sandbox if isinstance(sandbox, Hashable) else type(sandbox)
    if key not in _ends:
        generous = replace(plain, cpu_seconds=60, wall_seconds=120.0)
        for limits in (generous, replace(generous, memory_mib=_ROOMY_MIB)):
            (end,) = sandbox.run_checks([reference], limits)
            _ends[key] = end, limits
            if end.outcome is not Outcome.MEMORY:
                break
    return _ends[key]


def _passed(end: Execution, where: str) -> Execution:
    if end.outcome is not Outcome.PASSED:
        detail = f" ({end.detail})" if end.detail else ""
        raise DataError(f"{where}: its own reference solution is judged {end.outcome}{detail}.")
    return end
