"""Translates events into MLflow's metrics, parameters, tags and artifacts.

All values, including the times, come from the event alone, so that sending an event twice changes nothing.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from astraios_ray.records import (
    Cost,
    Provenance,
    Score,
    TrialResult,
    TrialSpec,
    TrialState,
    ValidationPoint,
    decode,
)
from astraios_ray.tracking.columns import SCORE, VIEW, columns
from astraios_ray.tracking.events import Event
from astraios_ray.tracking.updates import Measure, Status, Update

NOTE_LENGTH = 7500  # characters; MLflow refuses tags beyond 8000
VALUE_LENGTH = 500  # characters of a parameter or tag that may hold a path or a reason

STATUS = {  # MLflow's words
    TrialState.COMPLETE: "FINISHED",
    TrialState.STOPPED: "KILLED",
    TrialState.DIVERGED: "FAILED",
    TrialState.FAILED: "FAILED",
}


def update_of(event: Event) -> Update:
    """The update of an event to the run of its trial, or to the parent run for an event about the study."""
    return _BY_KIND[event.kind](event.at, event.body)


def _study_started(at: int, body: Mapping[str, Any]) -> Update:
    provenance = decode(Provenance, body["provenance"])
    tags = {"astraios.kind": "search", "astraios.machine": provenance.machine}
    if provenance.git_commit:
        tags["mlflow.source.git.commit"] = provenance.git_commit
        tags["astraios.git_dirty"] = str(provenance.git_dirty).lower()
    texts = {
        "config/resolved.yaml": yaml.safe_dump(body["config"], sort_keys=False),
        "config/environment.json": json.dumps(body["provenance"], indent=2),
    }
    view = {VIEW: columns(body["config"])}
    return Update(
        name=body["name"], began=at, tags=tags, experiment=view, texts=texts, status=Status("RUNNING", at)
    )


def _trial_started(at: int, body: Mapping[str, Any]) -> Update:
    spec = decode(TrialSpec, body["spec"])
    return Update(
        name=body["label"],
        began=at,
        metrics=(Measure("model/trainable_params", float(body["trainable"]), at, 0),),
        params={key: str(value)[:VALUE_LENGTH] for key, value in _params(spec) if value is not None},
        tags={"astraios.kind": "trial", "astraios.method": spec.method, "astraios.trial_id": spec.id},
        texts={"spec.json": json.dumps(body["spec"], indent=2)},
        status=Status("RUNNING", at),
    )


def _params(spec: TrialSpec) -> Iterable[tuple[str, object]]:
    yield from {"method": spec.method, "seed": spec.seed}.items()
    yield from (("model", spec.model.id), ("dtype", spec.model.dtype))
    yield from (("quantization", spec.model.quantization), ("data", spec.data.name))
    yield from vars(spec.recipe).items()
    yield from spec.hyperparameters.items()


def _trial_resumed(at: int, body: Mapping[str, Any]) -> Update:
    return Update(status=Status("RUNNING", at))


def _point(at: int, body: Mapping[str, Any]) -> Update:
    point = decode(ValidationPoint, body["point"])
    validation = Measure("val/loss", point.loss, at, point.step)
    return Update(metrics=(validation, Measure("train/loss", point.train_loss, at, point.step)))


def _trial_ended(at: int, body: Mapping[str, Any]) -> Update:
    result = decode(TrialResult, body["result"])
    tags = {"astraios.state": result.state.value, "astraios.stop_reason": result.reason[:VALUE_LENGTH]}
    if result.audited:
        tags["astraios.audited"] = "true"
    if result.checkpoint:
        tags["astraios.checkpoint"] = result.checkpoint.folder[:VALUE_LENGTH]
    metrics = tuple(Measure(key, value, at, body["step"]) for key, value in _costs(result.cost))
    return Update(metrics=metrics, tags=tags, status=Status(STATUS[result.state], at))


def _costs(cost: Cost) -> Iterable[tuple[str, float]]:
    yield "cost/seconds", cost.seconds
    if cost.device_seconds:
        yield "cost/device_seconds", cost.device_seconds
        yield "cost/load", cost.load
    yield "cost/peak_memory_mib", cost.peak_memory_mib
    yield "cost/adapter_bytes", float(cost.adapter_bytes)


def _scored(at: int, body: Mapping[str, Any]) -> Update:
    score = decode(Score, body["score"])
    counts = {"unscored": float(score.unscored), "unsupported": float(score.unsupported)}
    values = {**score.metrics, **counts}
    if score.ranking in score.metrics:  # under one name for every evaluator
        values[SCORE] = score.metrics[score.ranking]
    for name, (low, high) in score.intervals.items():
        values |= {f"{name}_low": low, f"{name}_high": high}
    room = f"eval/{score.evaluator}"
    return Update(
        metrics=tuple(Measure(f"{room}/{name}", value, at, body["step"]) for name, value in values.items()),
        tags={"astraios.sandbox": json.dumps(dict(score.sandbox), sort_keys=True)[:VALUE_LENGTH]},
        texts={f"{room}/score.json": json.dumps(body["score"], indent=2)},
        files={str(path): "adapter" for path in _adapter(body["folder"])},
    )


def _adapter(folder: str | None) -> list[Path]:
    """The adapter's files in a checkpoint folder, without the optimiser's state."""
    if folder is None:
        return []
    inner = Path(folder) / "adapter"
    return [inner] if inner.is_dir() else sorted(Path(folder).glob("adapter_*"))


def _study_ended(at: int, body: Mapping[str, Any]) -> Update:
    note = body["note"]
    if len(note) > NOTE_LENGTH:
        note = note[:NOTE_LENGTH] + "\n\n… (cut; the whole is in the artifacts under report/)"
    files = {path: _place(Path(path)) for path in body["artifacts"]}
    status = Status("FINISHED" if body["complete"] else "KILLED", at)
    return Update(tags={"mlflow.note.content": note}, files=files, status=status)


def _place(path: Path) -> str:
    """The artifact folder of ``path``: report/ for a file, report/NAME for a folder."""
    return "report" if path.suffix else f"report/{path.name}"


_BY_KIND = {
    "study_started": _study_started,
    "trial_started": _trial_started,
    "trial_resumed": _trial_resumed,
    "point": _point,
    "trial_ended": _trial_ended,
    "scored": _scored,
    "study_ended": _study_ended,
}
