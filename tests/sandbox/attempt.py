"""A program that means harm, as data. Each is to compute ``f(3) == 9`` and tries something else."""

from dataclasses import dataclass
from textwrap import dedent

from astraios_ray.records import Outcome

PASSED, FAILED, LOAD_ERROR, RUNTIME_ERROR = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.LOAD_ERROR,
    Outcome.RUNTIME_ERROR,
)
EARLY_EXIT, CRASH, SECURITY, PROTOCOL = Outcome.EARLY_EXIT, Outcome.CRASH, Outcome.SECURITY, Outcome.PROTOCOL
TIMEOUT, MEMORY, DISK_LIMIT = Outcome.TIMEOUT, Outcome.MEMORY, Outcome.DISK_LIMIT
TIMES = (Outcome.TIMEOUT, Outcome.CPU_TIMEOUT)


@dataclass(frozen=True)
class Hostile:
    """One attempt.

    ``allowed`` is the contract: how it may end. PASSED is among it only where the answer is really right and
    the attempt must fail silently. ``layer`` says what stops it. ``free``: run without any sandbox, the
    program returns 9 because its attempt succeeds, which proves that the attempt is a real one.
    """

    name: str
    layer: str
    allowed: tuple[Outcome, ...]
    source: str
    free: bool = False


def hostile(name: str, layer: str, allowed: tuple[Outcome, ...], source: str, free: bool = False) -> Hostile:
    """The source may be indented."""
    return Hostile(name, layer, allowed, dedent(source), free)


def function(body: str) -> str:
    """``f`` with this body."""
    return "def f(x):\n" + "\n".join("    " + line for line in dedent(body).strip().splitlines()) + "\n"
