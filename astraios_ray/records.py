"""What travels between rooms and machines: frozen dataclasses of plain values, and their JSON form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter

Value = bool | int | float | str | None
T = TypeVar("T")


@dataclass(frozen=True)
class Places:
    """Where an architecture keeps the linear layers that methods adapt, as module-name suffixes.

    ``attention_in`` (query, key, value), ``attention_out``, ``mlp_in`` and ``mlp_out``;
    ``key_value`` are the layers among ``attention_in`` whose outputs (IA)3 scales.
    """

    architecture: str
    attention_in: tuple[str, ...]
    attention_out: tuple[str, ...]
    mlp_in: tuple[str, ...]
    mlp_out: tuple[str, ...]
    key_value: tuple[str, ...]


@dataclass(frozen=True)
class ModelRef:
    """One base model. ``id`` is ``builtin:nano-s``, a hub id or a folder."""

    id: str
    revision: str | None = None
    dtype: str = "fp32"  # fp32 | bf16
    quantization: str = "none"  # none | int8 | nf4
    places: Places | None = None  # only for an architecture we do not know


@dataclass(frozen=True)
class Mask:
    """A region of the training rows, and how much of it is trained on: a scenario out of distribution.

    ``region`` says by what: ``length`` (code tokens, from quantile ``low`` to quantile ``high``), ``syntax``
    (Python that holds a node ``element`` of the ast module), ``token`` (code that holds the token
    ``element``) or ``meaning`` (``cluster``, counted from the largest, of ``clusters``).
    """

    region: str
    low: float = 0.8
    high: float = 1.0
    element: str | None = None
    clusters: int = 5
    cluster: int = 0
    training_set: str = "ood"  # full: all of the region | few: the share ``keep`` | ood: nothing
    keep: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class DataRef:
    """Instruction data, and how its rows become rows of tokens."""

    train: str
    validation: str | None = None
    revision: str | None = None
    prompt_column: str = "prompt"
    completion_column: str = "completion"
    validation_fraction: float = 0.1
    limit: int | None = None
    sequence_length: int = 2048  # tokens
    packing: str = "blocks"  # blocks | rows
    loss_on: str = "all"  # all | completion
    drop_tail: bool = True
    split_samples: bool = True
    seed: int = 0
    mask: Mask | None = None  # rows that are not trained on


@dataclass(frozen=True)
class Recipe:
    """How one trial is optimised: AdamW, in optimiser steps of ``batch_size`` rows."""

    learning_rate: float = 1e-4
    max_steps: int = 200
    batch_size: int = 32  # rows per optimiser step, over all workers
    micro_batch_size: int | None = None  # rows per forward; None: all at once
    warmup_steps: int = 12
    schedule: str = "cosine"  # cosine | linear | constant
    weight_decay: float = 0.05
    max_grad_norm: float = 1.0
    validate_every: int = 10  # steps


@dataclass(frozen=True)
class TrialSpec:
    """One configuration: every value that decides its result, the seed too."""

    study: str
    number: int
    method: str
    hyperparameters: Mapping[str, Value]
    recipe: Recipe
    model: ModelRef
    data: DataRef
    seed: int = 0

    @property
    def id(self) -> str:
        """The trial's short name inside its study, ``t0007``."""
        return f"t{self.number:04d}"

    @property
    def label(self) -> str:
        """A readable name, ``lora-r8-lr1e-4-t0007``. Never the only carrier of a fact."""
        sizes = [f"{key[0]}{value}" for key, value in self.hyperparameters.items() if key in SIZES]
        rate = f"lr{self.recipe.learning_rate:.0e}".replace("e-0", "e-")
        return "-".join([self.method.replace(":", "_"), *sizes, rate, self.id])


SIZES = ("r", "bottleneck", "virtual_tokens")  # the fields that set a method's size


@dataclass(frozen=True)
class Point:
    """One validation measurement. Losses are means per token, in nats; lower is better."""

    step: int
    loss: float
    train_loss: float
    seconds: float  # training and validation time of this trial so far, without waiting


class TrialState(StrEnum):
    """Where a trial stands, or how it ended."""

    RUNNING = "running"
    PARKED = "parked"
    COMPLETE = "complete"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to the trial."""
        return self not in (TrialState.RUNNING, TrialState.PARKED)


@dataclass(frozen=True)
class Cost:
    """What one trial took."""

    seconds: float = 0.0  # training and validation
    peak_memory_mib: float = 0.0  # GPU: allocated by the process; CPU: resident set of the process
    trainable_parameters: int = 0
    adapter_bytes: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """A trial's parameters and optimiser on disk, complete and verified."""

    folder: str
    step: int


@dataclass(frozen=True)
class Completion:
    """One text that a model wrote for one problem."""

    problem: str
    sample: int
    text: str
    whole: bool = False  # the whole program, cut already: not a continuation of the prompt


@dataclass(frozen=True)
class Lease:
    """Leave to train one trial from a checkpoint (or from nothing) up to step ``until``."""

    spec: TrialSpec
    until: int
    checkpoint: Checkpoint | None = None


@dataclass(frozen=True)
class Stretch:
    """What came of a lease: the points measured since its checkpoint, and where the trial stands.

    ``state`` is PARKED at ``until``, or DIVERGED or FAILED before it.
    """

    trial: str  # TrialSpec.id
    state: TrialState
    points: tuple[Point, ...]
    checkpoint: Checkpoint | None
    cost: Cost
    reason: str = ""


@dataclass(frozen=True)
class Sampling:
    """How completions are drawn. ``temperature`` 0 is greedy."""

    samples: int = 20  # per problem
    temperature: float = 0.2
    top_p: float = 0.95
    max_new_tokens: int = 256
    seed: int = 0


@dataclass(frozen=True)
class Exam:
    """One model to be scored by one evaluator. ``spec`` without a checkpoint is the untuned base."""

    spec: TrialSpec
    checkpoint: Checkpoint | None
    evaluator: str  # name, or path of a file
    sampling: Sampling
    limit: int | None = None  # only the first problems


class Outcome(StrEnum):
    """How judging one program ended. Only PASSED counts as passed; UNSCORED is no verdict."""

    PASSED = "passed"
    FAILED = "failed"
    LOAD_ERROR = "load_error"
    NO_ENTRY = "no_entry"
    COMPILE_ERROR = "compile_error"
    RUNTIME_ERROR = "runtime_error"
    CRASH = "crash"
    EARLY_EXIT = "early_exit"
    TIMEOUT = "timeout"
    CPU_TIMEOUT = "cpu_timeout"
    MEMORY = "memory"
    DISK_LIMIT = "disk_limit"
    OUTPUT_LIMIT = "output_limit"
    PROTOCOL = "protocol"
    SECURITY = "security"
    REJECTED_CLASSES = "rejected_classes"
    PASSED_SUSPECT = "passed_suspect"
    VACUOUS = "vacuous"
    UNSCORED = "unscored"


@dataclass(frozen=True)
class Verdict:
    """The judgement of one completion."""

    problem: str
    sample: int
    outcome: Outcome
    detail: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)  # what else its evaluator needs for its metrics


@dataclass(frozen=True)
class Score:
    """What one evaluator says of one model. Metrics are fractions from 0 to 1, higher is better."""

    evaluator: str
    metrics: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # 95 %
    problems: int = 0
    samples: int = 0  # per problem
    unscored: int = 0
    solved: Mapping[str, float] = field(default_factory=dict)  # problem -> share of its samples that passed
    sandbox: Mapping[str, Value] = field(default_factory=dict)  # level, versions, policy hash
    counts: Mapping[str, int] = field(default_factory=dict)  # what each metric is a mean over
    region: Mapping[str, Value] = field(default_factory=dict)  # where ``<metric>/region`` begins and ends
    ranking: str = "pass_at_1"  # the metric that says which of two models is better


@dataclass(frozen=True)
class TrialResult:
    """All that is known of one trial."""

    spec: TrialSpec
    state: TrialState
    points: tuple[Point, ...] = ()
    cost: Cost = field(default_factory=Cost)
    checkpoint: Checkpoint | None = None
    scores: tuple[Score, ...] = ()
    reason: str = ""  # why it was stopped, failed or diverged
    audited: bool = False  # a loser that was allowed to finish, to measure the regret of pruning

    @property
    def last(self) -> Point | None:
        """The newest validation point."""
        return self.points[-1] if self.points else None

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


def encode(record: object) -> Any:
    """A record as JSON-ready plain values. NaN and infinities stay floats."""
    return _adapter(type(record)).dump_python(record, mode="json")


def decode(kind: type[T], raw: object) -> T:
    """The record that ``encode`` wrote. Raises pydantic.ValidationError when ``raw`` is none."""
    value: T = _adapter(kind).validate_python(raw)
    return value


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
