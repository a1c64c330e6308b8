"""Early-stopping rules as plain arithmetic: who goes on, who waits, who stops, and nothing about who trains.

Losses are validation losses, lower is better. A rule sees a trial at fixed steps, its *rungs*, and answers
with decisions on that trial and on paused ones whose fate it decides. Rules are deterministic: the same
reports lead to the same survivors in whatever order trials arrive at a rung (``halving``), and a journal
replayed in its order leads to the same state (all).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from astraios_ray.config.study import EarlyStopConfig


class Action(StrEnum):
    """What a decision says of a trial."""

    CONTINUE = "continue"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True)
class Decision:
    """A decision on one trial, with its reason in words."""

    trial: str
    action: Action
    reason: str = ""
    audited: bool = False


class Scheduler(Protocol):
    """What every early-stopping rule promises."""

    rungs: tuple[int, ...]

    def enter(self, trial: str, method: str, bracket: int) -> None:
        """Expect ``trial`` at the first rung. All trials of a bracket enter before any of them reports."""
        ...

    def report(self, trial: str, step: int, loss: float) -> Sequence[Decision]:
        """Hear the loss of ``trial`` at a rung below the last. The first decision is its own."""
        ...

    def gone(self, trial: str) -> Sequence[Decision]:
        """Hear that ``trial`` ended without reaching its next rung."""
        ...

    def waiting_for(self) -> str:
        """What the rule waits for, in a few words for a display."""
        ...


def rungs(rule: EarlyStopConfig, max_steps: int, validate_every: int) -> tuple[int, ...]:
    """The steps at which trials are compared, the last being ``max_steps``.

    ``halving`` and ``asha``: grace, grace x reduction, ... as long as below ``max_steps`` (Hyperband's
    geometric rungs). ``median`` and ``none``: every validation from the grace step on.
    """
    if rule.rule in ("halving", "asha"):
        steps, step = [], rule.grace
        while step < max_steps:
            steps.append(step)
            step *= rule.reduction
        return (*steps, max_steps)
    first = max(rule.grace, validate_every)
    return (*range(first - first % validate_every or validate_every, max_steps, validate_every), max_steps)


def survivors(entered: int, reduction: int) -> int:
    """How many of ``entered`` trials go on from a rung: one in ``reduction``, at least one."""
    return max(1, entered // reduction)


def drawn_for_audit(trial: str, seed: int, fraction: float) -> bool:
    """Whether a losing trial may finish all the same: a coin that depends on its name and the seed alone."""
    digest = hashlib.sha256(f"{seed}:{trial}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < fraction
