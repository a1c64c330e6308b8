"""What a search costs beside its training as its trials grow: each train task, the replay, the report.

Losses are made up and nothing is trained, so that all time is the search's own: board, scheduler, searcher,
journal, tracker and progress.
"""

import argparse
import hashlib
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from astraios_ray.config.study import StudyConfig
from astraios_ray.methods import build, hyperparameters_of
from astraios_ray.records import (
    Checkpoint,
    Cost,
    EvalTask,
    Provenance,
    Score,
    TrainReport,
    TrainTask,
    TrialSpec,
    TrialState,
    ValidationPoint,
)
from astraios_ray.report.write import write_report
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.trial_board import TrialBoard
from astraios_ray.search.tuner import Tuner
from astraios_ray.space.space import build_space
from astraios_ray.tracking.files_tracker import FilesTracker
from benchmarks.results import Case, write_results

TRIALS = 2000
PARTS = 8  # of the train tasks, each timed by itself
SEARCHES = (  # sampler, early-stopping rule
    ("per_method", "halving"),
    ("per_method", "asha"),
    ("per_method", "none"),
    ("tpe", "halving"),
    ("random", "halving"),
)
LANES = 4
STEADY = 0.8  # target: the first part over the last one
RECORDS, REPORT = 2000.0, 5.0  # targets: replayed records a second, seconds of the report


class MadeUpBackend:
    """Answers every train task at once with losses that follow from the trial, and notes the times."""

    lanes = 1
    links: Mapping[str, str] = {}
    stopped_lanes: Mapping[str, float] = {}

    def __init__(self) -> None:
        self.seconds = [time.process_time()]  # CPU time behind each train task

    def train(self, board: TrialBoard, tick: Callable[[], None]) -> None:
        """As a lane with LANES slots does."""
        while not board.done:
            tasks = [board.ask(trial) for trial in board.ready()[:LANES]]
            tick()
            for task in tasks:
                board.tell(made_up(task))
                tick()
                self.seconds.append(time.process_time())

    def examine(self, eval_tasks: Sequence[EvalTask]) -> Iterator[tuple[EvalTask, Score | Exception]]:
        """Nothing: the study evaluates nothing."""
        return iter(())

    def dismiss(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""

    def milliseconds(self) -> list[float]:
        """Of a train task, in each of PARTS equal parts of the search."""
        ends = [round(part * (len(self.seconds) - 1) / PARTS) for part in range(PARTS + 1)]
        return [1000 * (self.seconds[b] - self.seconds[a]) / (b - a) for a, b in pairwise(ends)]


def made_up(task: TrainTask) -> TrainReport:
    """The report of a train task whose losses follow from the trial alone."""
    step = task.checkpoint.step if task.checkpoint else 0
    losses = [(at, loss_of(task.spec, at)) for at in range(step + 1, task.until + 1)]
    points = tuple(ValidationPoint(at, loss, loss, float(at)) for at, loss in losses)
    checkpoint, cost = Checkpoint("made up", task.until), Cost(1.0 * task.until, 10, 100, 100, 1000)
    return TrainReport(task.spec.id, TrialState.PAUSED, points, checkpoint, cost)


def loss_of(spec: TrialSpec, step: int) -> float:
    """A loss with a best learning rate of 0.001, and luck."""
    luck = int(hashlib.md5(spec.id.encode()).hexdigest(), 16) % 1000 / 1000
    return 1 + abs(math.log10(spec.recipe.learning_rate) + 3) + 0.3 * luck + 1 / (step + 1)


def study_of(trials: int, sampler: str, rule: str) -> StudyConfig:
    """A study of three methods and nine steps."""
    return StudyConfig.model_validate(
        {
            "name": "growth",
            "model": {"id": "builtin:nano-xs"},
            "data": {"train": "builtin:primer", "sequence_length": 48, "packing": "rows"},
            "training": {"max_steps": 9, "validate_every": 1, "warmup_steps": 2, "batch_size": 4},
            "budget": {"trials": trials},
            "early_stop": {"rule": rule, "grace": 1, "reduction": 3},
            "search": {"sampler": sampler},
            "defaults": {"learning_rate": {"min": 1e-4, "max": 1e-2, "log": True}},
            "methods": {
                "lora": {"r": [4, 8, 16], "alpha": 16},
                "ia3": {},
                "adapter_p": {"bottleneck": [16, 32, 64]},
            },
        }
    )


def measure(trials: int, sampler: str, rule: str, folder: Path) -> dict[str, Any]:
    """Search, replay and report once; CPU time of each."""
    study, backend = study_of(trials, sampler, rule), MadeUpBackend()
    tuner, tracker, _ = opened(study, folder)
    try:
        tuner.run(backend)
        record = tuner.record()
    finally:
        tuner.close()
        tracker.close()
    lines = (folder / "journal.jsonl").read_bytes().count(b"\n")
    tuner, tracker, replay = opened(study, folder)
    tuner.close()
    tracker.close()
    report = time.process_time()
    write_report(record, folder)
    return {
        "milliseconds": backend.milliseconds(),
        "tasks": len(backend.seconds) - 1,
        "replay": replay,
        "records": lines,
        "report": time.process_time() - report,
        "mib": psutil.Process().memory_info().rss / 2**20,
    }


def opened(study: StudyConfig, place: Path) -> tuple[Tuner, FilesTracker, float]:
    """A tuner on the run folder ``place``, and the CPU seconds of its replay."""
    folder = StudyFolder(place)
    folder.adopt(study.resolved(), extend=False)
    tracker, space = FilesTracker(place), build_space(study, hyperparameters_of, build)
    began = time.process_time()
    tuner = Tuner(
        study,
        space,
        folder=folder,
        tracker=tracker,
        show=lambda progress: None,
        provenance=Provenance({}, "", ""),
    )
    return tuner, tracker, time.process_time() - began


def main() -> None:
    """Measure, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--only", metavar="SAMPLER-RULE", help="one search, and nothing is written")
    options = parser.parse_args()
    searches = [tuple(options.only.split("-"))] if options.only else SEARCHES
    cases: list[Case] = []
    for sampler, rule in searches:
        with tempfile.TemporaryDirectory() as folder:
            figures = measure(options.trials, sampler, rule, Path(folder) / "run")
        show(options.trials, sampler, rule, figures)
        cases += cases_of(f"{sampler}_{rule}_{options.trials}", figures)
    if not options.only:
        print(f"written to {write_results(cases)}")


def show(trials: int, sampler: str, rule: str, figures: Mapping[str, Any]) -> None:
    """Print the figures of one search."""
    parts = " ".join(f"{value:.2f}" for value in figures["milliseconds"])
    print(f"{sampler} {rule}, {trials} trials, {figures['tasks']} train tasks: CPU ms each {parts}")
    print(
        f"  replay {figures['replay']:.2f} s of {figures['records']} records, "
        f"report {figures['report']:.1f} s, {figures['mib']:.0f} MiB",
        flush=True,
    )


def cases_of(name: str, figures: Mapping[str, Any]) -> list[Case]:
    """The cases of one search for the table."""
    first, *_, last = figures["milliseconds"]
    rate, report = figures["records"] / figures["replay"], figures["report"]
    return [
        Case(f"growth_task_{name}", first, last, "CPU ms", first / last, STEADY, "the journal's fsync"),
        Case(f"growth_replay_{name}", RECORDS, rate, "records/s", rate / RECORDS, 1, "JSON and pydantic"),
        Case(f"growth_report_{name}", REPORT, report, "CPU s", REPORT / report, 1, "matplotlib"),
    ]


if __name__ == "__main__":
    main()
