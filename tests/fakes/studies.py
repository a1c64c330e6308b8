"""Studies and spaces that need no file and no model: trials whose loss is a formula."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.records import Checkpoint, Cost, TrainReport, TrainTask, TrialState, ValidationPoint
from astraios_ray.search.journal import Journal, read_journal
from astraios_ray.search.replay import Replay
from astraios_ray.search.searcher import open_searchers
from astraios_ray.search.trial_board import TrialBoard
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
        "model": {"id": "builtin:nano-xs", "dtype": "fp32"},
        "data": {"train": "builtin:primer", "packing": "rows"},
        "training": {"max_steps": 9, "validate_every": 1, "warmup_steps": 1},
        "budget": {"trials": 8},
        "early_stop": {"rule": "halving", "grace": 1, "reduction": 3, "audit_fraction": 0.0},
        "methods": {"lora": {}, "ia3": {}},
        **sections,
    }
    return StudyConfig.model_validate(raw)


def board(
    folder: Path,
    config: StudyConfig | None = None,
    tracker: MemoryTracker | None = None,
    space: Space = SPACE,
) -> TrialBoard:
    """A board that goes on from the journal in ``folder``."""
    folder.mkdir(exist_ok=True)
    config = config or study()
    replay = Replay.of(config)
    for record in read_journal(folder / "journal.jsonl"):
        replay.take_in(record)
    return TrialBoard(
        config,
        replay.trials,
        open_searchers(config, space, folder, replay.trials.results),
        journal=Journal(folder / "journal.jsonl"),
        tracker=tracker or MemoryTracker(),
    )


def trained(train_task: TrainTask, loss_of: Callable[[TrainTask, int], float] | None = None) -> TrainReport:
    """The report of a lane: a loss that falls with the steps, lower for lower trial numbers."""
    first = train_task.checkpoint.step if train_task.checkpoint else 0
    formula = loss_of or (lambda train_task, step: 1.0 / step + train_task.spec.number / 100)
    points = tuple(
        ValidationPoint(step, formula(train_task, step), 1.0, float(step))
        for step in range(first + 1, train_task.until + 1)
    )
    checkpoint = Checkpoint(f"/nowhere/{train_task.spec.id}", train_task.until)
    return TrainReport(train_task.spec.id, TrialState.PAUSED, points, checkpoint, Cost(1.0))


def run_through(board: TrialBoard, at_most: int = 10_000) -> int:
    """Train what is ready until the board is done or ``at_most`` tasks are trained; return their number."""
    served = 0
    while not board.done and served < at_most:
        board.tell(trained(board.ask(board.ready()[0])))
        served += 1
    return served
