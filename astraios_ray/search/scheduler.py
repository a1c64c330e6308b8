"""Schedulers for early stopping: which trials continue, pause or stop.

Losses are validation losses, lower is better. A scheduler sees a trial at fixed steps, its *rungs*, and
answers with decisions on that trial and on paused ones. Schedulers are deterministic: with ``halving`` the
survivors do not depend on the order in which trials reach a rung, and with all of them a journal that is
replayed in its order leads to the same state.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from astraios_ray.config.study import EarlyStopConfig


class Action(StrEnum):
    """What a trial is to do."""

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
    """What every scheduler for early stopping promises."""

    rungs: tuple[int, ...]

    def enter(self, trial: str, method: str, bracket: int) -> None:
        """Expect ``trial`` at the first rung. All trials of a bracket enter before any of them reports."""
        ...

    def report(self, trial: str, step: int, loss: float) -> Sequence[Decision]:
        """Take the loss of ``trial`` at a rung below the last. The first decision is on ``trial``."""
        ...

    def gone(self, trial: str) -> Sequence[Decision]:
        """Take note that ``trial`` ended without reaching its next rung."""
        ...

    def waiting_for(self) -> str:
        """What the scheduler waits for, in a few words for a display."""
        ...


def rungs(config: EarlyStopConfig, max_steps: int, validate_every: int) -> tuple[int, ...]:
    """The steps at which trials are compared, the last being ``max_steps``.

    ``halving`` and ``asha``: grace, grace x reduction, ... as long as below ``max_steps`` (Hyperband's
    geometric rungs). ``median`` and ``none``: every validation from the grace step on. The grace is a number.
    """
    if config.grace == "auto":
        raise ValueError("early_stop.grace is auto; astraios_ray.search.grace makes a number of it.")
    if config.rule in ("halving", "asha"):
        steps, step = [], config.grace
        while step < max_steps:
            steps.append(step)
            step *= config.reduction
        return (*steps, max_steps)
    first = max(config.grace, validate_every)
    return (*range(first - first % validate_every or validate_every, max_steps, validate_every), max_steps)


def survivors(entered: int, reduction: int) -> int:
    """How many of ``entered`` trials go on from a rung: one in ``reduction``, at least one."""
    return max(1, entered // reduction)


def drawn_for_audit(trial: str, seed: int, fraction: float) -> bool:
    """Whether a losing trial is audited, at random but fixed by its id and the seed."""
    return uniform(f"{seed}:{trial}") < fraction


def uniform(name: str) -> float:
    """A number from 0 to below 1 that is fixed by ``name``."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64
