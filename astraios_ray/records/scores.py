"""What models are asked, what they wrote, and how it was judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isclose
from statistics import fmean

from astraios_ray.records.specs import TrialSpec, Value
from astraios_ray.records.training import Checkpoint, ValidationPoint


@dataclass(frozen=True)
class Completion:
    """One text that a model wrote for one problem."""

    problem: str
    sample: int
    text: str
    whole: bool = False  # the whole program, cut already: not a continuation of the prompt


@dataclass(frozen=True)
class Sampling:
    """How completions are drawn. ``temperature`` 0 is greedy."""

    samples: int = 20  # per problem
    temperature: float = 0.2
    top_p: float = 0.95
    max_new_tokens: int = 256
    seed: int = 0


@dataclass(frozen=True)
class EvalTask:
    """One model to be scored by one evaluator. ``spec`` without a checkpoint is the untuned base."""

    spec: TrialSpec
    checkpoint: Checkpoint | None
    evaluator: str  # name, or path of a file
    sampling: Sampling
    limit: int | None = None  # only the first problems
    points: tuple[ValidationPoint, ...] = ()  # of the trial, recorded up to the checkpoint


UNJUDGEABLE = "unjudgeable"  # a fact of UNSCORED verdicts: why no answer to the problem can be judged here
ONE_PROCESS = "one_process"  # a fact of verdicts: program and test ran in one process, so it can be forged


class Outcome(StrEnum):
    """How judging one program ended. Only PASSED counts as passed; UNSCORED is no verdict.

    UNSUPPORTED_VALUE counts as not passed and is counted apart: the program can be right.
    """

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
    UNSUPPORTED_VALUE = "unsupported_value"
    UNSCORED = "unscored"


@dataclass(frozen=True)
class Verdict:
    """The judgement of one completion."""

    problem: str
    sample: int
    outcome: Outcome
    detail: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)  # what else its evaluator needs for its metrics
    group: str = ""  # of problems that belong together; empty: its problem stands alone

    @property
    def unit(self) -> str:
        """What counts as one independent observation: its group, or its problem."""
        return self.group or self.problem


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
    groups: Mapping[str, str] = field(default_factory=dict)  # problem -> its group, where it has one
    sandbox: Mapping[str, Value] = field(default_factory=dict)  # level, versions, policy hash
    counts: Mapping[str, int] = field(default_factory=dict)  # what each metric is a mean over
    region: Mapping[str, Value] = field(default_factory=dict)  # where ``<metric>/region`` begins and ends
    ranking: str = "pass_at_1"  # the metric that says which of two models is better
    seeds: int = 1  # training seeds that it is a mean over
    unsupported: int = 0  # samples that count as not passed since a value could not cross to the test
    one_process: tuple[str, ...] = ()  # problems judged in one process, where a hostile program can pass
    unjudgeable: Mapping[str, str] = field(default_factory=dict)  # problems left out -> why

    @property
    def units(self) -> int:
        """The number of independent problems: those that stand alone, and groups."""
        return self.problems - len(self.groups) + len(set(self.groups.values()))

    @property
    def is_mean_of_solved(self) -> bool:
        """Whether the metric that ranks is the mean of ``solved``, as pass@1 is and F1 is not."""
        value = self.metrics.get(self.ranking)
        return (
            value is not None
            and bool(self.solved)
            and isclose(fmean(self.solved.values()), value, abs_tol=1e-9)
        )
