"""The base class of all trackers: turns calls into events and drops repetitions."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from astraios_ray.records import (
    DataRef,
    ModelRef,
    Provenance,
    Recipe,
    Score,
    TrialResult,
    TrialSpec,
    TrialState,
    ValidationPoint,
    encode,
)
from astraios_ray.secret_masks import mask_values
from astraios_ray.tracking.events import SEARCH, Event, Novelty


class Recorder(ABC):
    """A Tracker that passes every new event to ``keep``."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock  # seconds since 1970
        self._novelty = Novelty()
        for sample in _SAMPLES:  # pydantic makes a serialiser at first use, in 0.1 s: not in a later call
            encode(sample)

    @abstractmethod
    def keep(self, event: Event, durable: bool) -> None:
        """Store one event. A durable one must survive a loss of power."""

    @abstractmethod
    def close(self) -> None:
        """End the tracking: no call follows."""

    def study_started(self, name: str, config: Mapping[str, Any], provenance: Provenance) -> None:
        """Store the study's configuration and provenance."""
        body = {"name": name, "config": dict(config), "provenance": encode(provenance)}
        self._tell("study_started", SEARCH, body, durable=True)

    def trial_started(self, spec: TrialSpec, trainable_parameters: int) -> None:
        """Store the trial's configuration; a second call only stores that the trial resumed."""
        if self._novelty.knows(spec.id):
            self._tell("trial_resumed", spec.id, {})
        else:
            body = {"spec": encode(spec), "label": spec.label, "trainable": trainable_parameters}
            self._tell("trial_started", spec.id, body)

    def point(self, spec: TrialSpec, point: ValidationPoint) -> None:
        """Store one validation point."""
        self._tell("point", spec.id, {"point": encode(point)})

    def trial_ended(self, result: TrialResult) -> None:
        """Store the end of the trial, and its start and points where a crash prevented their calls."""
        self._start(result)
        body = {"result": encode(replace(result, points=(), scores=())), "step": _step(result)}
        self._tell("trial_ended", result.spec.id, body, durable=True)

    def repeat(self, result: TrialResult) -> None:
        """Store what a crash or damage has lost of the trial: its start, points, end and scores."""
        if result.state.ended:
            self.trial_ended(result)
        elif result.points:
            self._start(result)
        for score in result.scores:
            self.scored(result, score)

    def scored(self, result: TrialResult, score: Score) -> None:
        """Store the score, and the folder of the scored model's adapter."""
        # where the whole model is trained, the checkpoint is one, too large for a tracking server
        checkpoint = None if result.spec.traits.trains_whole_model else result.checkpoint
        body = {"score": encode(score), "step": _step(result)}
        body["folder"] = str(Path(checkpoint.folder).absolute()) if checkpoint else None
        self._tell("scored", result.spec.id, body, durable=True)

    def study_ended(self, note: str, artifacts: Sequence[Path], complete: bool) -> None:
        """Store the verdict and the files of the report."""
        paths = [str(path.absolute()) for path in artifacts]
        body = {"note": note, "artifacts": paths, "complete": complete}
        self._tell("study_ended", SEARCH, body, durable=True)

    def _start(self, result: TrialResult) -> None:
        """Store the start and the points that are missing."""
        if not self._novelty.knows(result.spec.id):
            self.trial_started(result.spec, result.cost.trainable_parameters)
        for point in result.points:
            self.point(result.spec, point)

    def _tell(self, kind: str, trial: str, body: Mapping[str, Any], *, durable: bool = False) -> None:
        event = Event(kind, trial, int(self._clock() * 1000), mask_values(body))
        if self._novelty.notice(event):
            self.keep(event, durable)


def _step(result: TrialResult) -> int:
    return result.last.step if result.last else 0


_SPEC = TrialSpec("", 0, "", {}, Recipe(), ModelRef(""), DataRef(""))
_SAMPLES = (
    Provenance({}, "", ""),
    _SPEC,
    ValidationPoint(0, 0.0, 0.0, 0.0),
    TrialResult(_SPEC, TrialState.COMPLETE),
    Score("", {}),
)
