"""Studies and spaces that need no file and no model: trials whose loss is a formula."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.records import Checkpoint, Cost, Lease, Point, Stretch, TrialState
from astraios_ray.search.budget_meter import Spending
from astraios_ray.search.journal import Journal
from astraios_ray.search.trial_board import Desk
from astraios_ray.space.domains import Choice, Real
from astraios_ray.space.space import Space
from astraios_ray.tracking.in_memory_tracker import MemoryTracker

SPACE: Space = {
    "lora": {"r": Choice((4, 8)), "learning_rate": Real(1e-4, 1e-2, log=True)},
    "ia3": {"learning_rate": Real(1e-3, 1e-1, log=True)},
}


def study(**sections: Any) -> StudyConfig:
    """A small study of two methods, with whole sections replaced."""
    raw: dict[str, Any] = {
        "name": "small",
        "model": {"id": "builtin:nano-xs"},
        "data": {"train": "builtin:primer"},
        "training": {"max_steps": 9, "validate_every": 1, "warmup_steps": 1},
        "budget": {"trials": 8},
        "early_stop": {"rule": "halving", "grace": 1, "reduction": 3, "audit_fraction": 0.0},
        "methods": {"lora": {}, "ia3": {}},
        **sections,
    }
    return StudyConfig.model_validate(raw)


def desk(
    folder: Path,
    config: StudyConfig | None = None,
    tracker: MemoryTracker | None = None,
    space: Space = SPACE,
) -> Desk:
    """A desk with a journal in ``folder``."""
    config = config or study()
    return Desk(
        config,
        space,
        log=folder / "optuna.log",
        journal=Journal(folder / "journal.jsonl"),
        tracker=tracker or MemoryTracker(),
        spending=Spending(config.budget),
    )


def trained(lease: Lease, loss_of: Callable[[Lease, int], float] | None = None) -> Stretch:
    """What a lane would make of a lease: a loss that falls with the steps, lower for lower trial numbers."""
    first = lease.checkpoint.step if lease.checkpoint else 0
    formula = loss_of or (lambda lease, step: 1.0 / step + lease.spec.number / 100)
    points = tuple(
        Point(step, formula(lease, step), 1.0, float(step)) for step in range(first + 1, lease.until + 1)
    )
    checkpoint = Checkpoint(f"/nowhere/{lease.spec.id}", lease.until)
    return Stretch(lease.spec.id, TrialState.PARKED, points, checkpoint, Cost(1.0))


def run_through(desk: Desk, at_most: int = 10_000) -> int:
    """Train everything that is ready until the desk is done or so many leases are served; their number."""
    served = 0
    while not desk.done and served < at_most:
        desk.settle(trained(desk.claim(desk.ready()[0])))
        served += 1
    return served
