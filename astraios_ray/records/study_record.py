"""All that is known of a study and its trials."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from astraios_ray.records.scores import Score
from astraios_ray.records.specs import TrialSpec
from astraios_ray.records.training import Checkpoint, Cost, TrainingSetup, TrialState, ValidationPoint


@dataclass(frozen=True)
class TrialResult:
    """All that is known of one trial."""

    spec: TrialSpec
    state: TrialState
    points: tuple[ValidationPoint, ...] = ()
    cost: Cost = field(default_factory=Cost)
    checkpoint: Checkpoint | None = None
    scores: tuple[Score, ...] = ()
    reason: str = ""  # why it was stopped, failed or diverged
    audited: bool = False  # a loser that was allowed to finish, to measure the regret of pruning
    setup: TrainingSetup | None = None  # None: not recorded

    @property
    def last(self) -> ValidationPoint | None:
        """The newest validation point."""
        return self.points[-1] if self.points else None

    @property
    def checkpoint_step(self) -> int:
        """The step of the newest checkpoint, or 0."""
        return self.checkpoint.step if self.checkpoint else 0

    @property
    def rankable(self) -> bool:
        """Whether the trial's last loss may be compared with others."""
        return bool(self.points) and self.state not in (TrialState.DIVERGED, TrialState.FAILED)


@dataclass(frozen=True)
class Provenance:
    """What produced a record: enough to ask whether two records may be compared."""

    packages: Mapping[str, str]
    python: str
    machine: str
    git_commit: str | None = None
    git_dirty: bool | None = None


@dataclass(frozen=True)
class StudyRecord:
    """All that is known of one study: what a report is made from."""

    name: str
    folder: str
    config: Mapping[str, Any]  # the resolved study file
    results: tuple[TrialResult, ...]
    base_scores: tuple[Score, ...]  # the untuned model
    provenance: Provenance
    seconds: float  # wall time of all sessions
    complete: bool
    links: Mapping[str, str] = field(default_factory=dict)  # title -> address or command
    runs: Mapping[str, str] = field(default_factory=dict)  # trial -> address of its run in a tracker
    prompt_front: tuple[str, ...] | None = None  # special tokens before every prompt; None: not recorded
