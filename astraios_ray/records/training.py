"""What training a trial leaves behind: train_tasks, points of its curve, checkpoints, cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from astraios_ray.records.specs import TrialSpec, Value


@dataclass(frozen=True)
class ValidationPoint:
    """One validation measurement. Losses are means per token, in nats; lower is better."""

    step: int
    loss: float
    train_loss: float
    seconds: float  # training and validation time of this trial so far, without waiting


class TrialState(StrEnum):
    """Where a trial stands, or how it ended."""

    RUNNING = "running"
    PAUSED = "paused"
    COMPLETE = "complete"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to the trial."""
        return self not in (TrialState.RUNNING, TrialState.PAUSED)


@dataclass(frozen=True)
class Cost:
    """What one trial took."""

    seconds: float = 0.0  # training and validation
    peak_memory_mib: float = 0.0  # GPU: allocated by the process; CPU: resident set of the process
    trainable_parameters: int = 0
    adapter_bytes: int = 0
    base_parameters: int = 0  # of the model that was tuned, without the method's own; 0: not recorded
    device_seconds: float = (
        0.0  # of ``seconds``: CPU time of the process, or time on the GPU; 0: not recorded
    )
    load: float = 0.0  # of the machine meanwhile: processes that want to run, per core; 0: not recorded


@dataclass(frozen=True)
class TrainingSetup:
    """What a trial trains and in which precision, read from its trainer and not from the study."""

    hyperparameters: Mapping[str, Value]  # of the method, defaults included
    targets: tuple[str, ...]  # kinds of layers that it changes, without their numbers
    weights: str  # dtype of the numbers that the optimiser updates
    moments: str  # dtype of the optimiser's moments
    front: tuple[str, ...] | None  # special tokens at the beginning of a text; None: not known
    out_of_reach: tuple[str, ...] = ()  # large weights of the blocks that are in no target module


@dataclass(frozen=True)
class Checkpoint:
    """A trial's parameters and optimiser on disk, complete and verified."""

    folder: str
    step: int


@dataclass(frozen=True)
class TrainTask:
    """Leave to train one trial from a checkpoint (or from nothing) up to step ``until``."""

    spec: TrialSpec
    until: int
    checkpoint: Checkpoint | None = None
    points: tuple[ValidationPoint, ...] = ()  # recorded up to the checkpoint


@dataclass(frozen=True)
class TrainReport:
    """What came of a train_task: the points measured since its checkpoint, and where the trial stands.

    ``state`` is PAUSED at ``until``, or DIVERGED or FAILED before it.
    """

    trial: str  # TrialSpec.id
    state: TrialState
    points: tuple[ValidationPoint, ...]
    checkpoint: Checkpoint | None
    cost: Cost
    reason: str = ""
    setup: TrainingSetup | None = None  # None: it could not be set up
