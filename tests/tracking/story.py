"""A small study for trackers, and readers of what each tracker recorded."""

import os
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from astraios_ray.methods.method import traits_of
from astraios_ray.records import (
    Checkpoint,
    Cost,
    DataRef,
    ModelRef,
    Provenance,
    Recipe,
    Score,
    TrialResult,
    TrialSpec,
    TrialState,
    ValidationPoint,
)
from astraios_ray.tracking.events import Event
from astraios_ray.tracking.tracker import Tracker
from astraios_ray.tracking.translation import update_of
from astraios_ray.tracking.updates import Update, merge

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")

PROVENANCE = Provenance({"torch": "2.13.0"}, "3.11", "loopback", git_commit="c0ffee", git_dirty=False)
CONFIG = {"name": "toy", "search": {"seed": 0}}
SCORE = Score("primer", {"pass_at_1": 0.5}, {"pass_at_1": (0.4, 0.6)}, problems=3, sandbox={"level": 3})


def spec(number: int, method: str = "lora") -> TrialSpec:
    hyperparameters = {"r": 8} if method == "lora" else {}
    recipe = Recipe(learning_rate=1e-3)
    model, data, traits = ModelRef("builtin:nano-s"), DataRef("builtin:primer"), traits_of(method, {})
    return TrialSpec("toy", number, method, hyperparameters, recipe, model, data, traits=traits)


def point(step: int, loss: float = 0.0) -> ValidationPoint:
    return ValidationPoint(step, loss or 3.0 - step / 100, 3.1 - step / 100, seconds=float(step))


def result(
    trial: TrialSpec,
    state: TrialState,
    steps: Iterable[int] = (),
    folder: Path | None = None,
    reason: str = "",
) -> TrialResult:
    checkpoint = Checkpoint(str(folder), 20) if folder else None
    points = tuple(point(step) for step in steps)
    return TrialResult(trial, state, points, Cost(12.5, 900.0, 4096, 16384), checkpoint, reason=reason)


def tell_first_session(tracker: Tracker) -> None:
    """Two trials begin; one is stopped. Then the process ends."""
    tracker.study_started("toy", CONFIG, PROVENANCE)
    for trial in (spec(0), spec(1, "ia3")):
        tracker.trial_started(trial, 4096)
    for step in (10, 20):
        tracker.point(spec(0), point(step))
    tracker.point(spec(1, "ia3"), point(10))
    tracker.trial_ended(result(spec(1, "ia3"), TrialState.STOPPED, [10], reason="rung 10: rank 2 of 2"))


def tell_second_session(tracker: Tracker, adapter: Path, report: Path, complete: bool = True) -> None:
    """The other trial continues from step 10, so step 20 is repeated; a third trial diverges."""
    tracker.study_started("toy", CONFIG, PROVENANCE)
    tracker.trial_ended(result(spec(1, "ia3"), TrialState.STOPPED, [10], reason="rung 10: rank 2 of 2"))
    tracker.trial_started(spec(0), 4096)
    for step in (20, 30):
        tracker.point(spec(0), point(step))
    result_in_full = result(spec(0), TrialState.COMPLETE, [10, 20, 30], adapter)
    tracker.trial_ended(result_in_full)
    tracker.trial_started(spec(2), 4096)
    tracker.point(spec(2), point(10, float("nan")))
    tracker.trial_ended(result(spec(2), TrialState.DIVERGED, reason="loss is nan at step 10"))
    tracker.scored(result_in_full, SCORE)
    tracker.study_ended("**lora** wins", [report], complete)


def read_events(events: Iterable[Event]) -> dict[str, Any]:
    """The story in a tracker's events."""
    runs: dict[str, list[Update]] = {}
    for event in events:
        runs.setdefault(event.trial, []).append(update_of(event))
    return {trial or "search": _read_update(merge(updates)) for trial, updates in runs.items()}


def _read_update(update: Update) -> dict[str, Any]:
    metrics: dict[str, list[tuple[int, str]]] = {}
    for measure in update.metrics:
        metrics.setdefault(measure.key, []).append((measure.step, repr(measure.value)))
    return {
        "name": update.name,
        "status": update.status.word if update.status else None,
        "metrics": {key: sorted(values) for key, values in metrics.items()},
        "params": dict(update.params),
        "tags": dict(update.tags),
        "artifacts": sorted(
            {*update.texts, *(f"{room}/{Path(path).name}" for path, room in update.files.items())}
        ),
    }


def place_database(folder: Path) -> None:
    """Put an empty database where a tracker for ``folder`` looks for one; MLflow takes seconds for it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mlflow.db").write_bytes(_empty_database())


@cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The ``noload`` loader strategy")  # MLflow's mappers, at import
        from mlflow import MlflowClient

        MlflowClient(f"sqlite:///{folder}/mlflow.db").search_experiments()
        return (Path(folder) / "mlflow.db").read_bytes()


def read_mlflow(uri: str) -> dict[str, Any]:
    """The story in an MLflow, over its REST interface or from its database."""
    from mlflow import MlflowClient

    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("toy")
    runs = client.search_runs([experiment.experiment_id])
    names = [run.data.tags.get("astraios.trial_id", "search") for run in runs]
    assert len(names) == len(set(names)), f"a run exists twice: {names}"
    parent = next(run.info.run_id for run in runs if "astraios.trial_id" not in run.data.tags)
    for run in runs:
        assert run.data.tags.get("mlflow.parentRunId") == (None if run.info.run_id == parent else parent)
    return {name: _read_run(client, run) for name, run in zip(names, runs, strict=True)}


OURS = ("astraios.search_id", "mlflow.runName", "mlflow.parentRunId", "mlflow.source.name")


def _read_run(client: Any, run: Any) -> dict[str, Any]:
    run_id = run.info.run_id
    histories = {key: client.get_metric_history(run_id, key) for key in run.data.metrics}
    return {
        "name": run.info.run_name,
        "status": run.info.status,
        "metrics": {
            key: sorted((m.step, repr(m.value)) for m in values) for key, values in histories.items()
        },
        "params": run.data.params,
        "tags": {key: value for key, value in run.data.tags.items() if key not in OURS},
        "artifacts": sorted(_artifacts(client, run_id, None)),
    }


def _artifacts(client: Any, run_id: str, folder: str | None) -> Iterator[str]:
    for entry in client.list_artifacts(run_id, folder):
        if entry.is_dir and not entry.path.startswith("adapter/adapter"):
            yield from _artifacts(client, run_id, entry.path)
        else:
            yield entry.path
