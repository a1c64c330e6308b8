"""One worker's whole work, whoever drives it: train leases side by side, write completions for exams."""

import logging
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import TypeAlias

from astraios_ray.errors import ConfigError, TornFile
from astraios_ray.evaluation.answering import answer_all
from astraios_ray.evaluation.batched_models import choirs, speaking
from astraios_ray.evaluation.loading import load_evaluator, load_problems
from astraios_ray.methods.method import build
from astraios_ray.methods.tuned import Tuned, Untuned
from astraios_ray.models.load_base import Base
from astraios_ray.models.shared_weights import SharedBases
from astraios_ray.records import Completion, Exam, Lease, Stretch
from astraios_ray.training.checkpoints import fingerprint, read_checkpoint
from astraios_ray.training.model_cache import Shelf
from astraios_ray.training.multi_trainer import Bench
from astraios_ray.training.pass_packing import ALONE
from astraios_ray.training.runtime import Runtime, SingleProcess
from astraios_ray.training.trial_trainer import ADAPTER

LOG = logging.getLogger(__name__)
AT_ONCE = 16  # exams of one sitting: their scores are there together, and are lost together

Written: TypeAlias = list[Completion] | Exception  # of one exam, or what broke it down


class Worker:
    """Keeps bases and rows loaded from its first lease to its last."""

    def __init__(
        self,
        trials: Path,
        runtime: Runtime | None = None,
        *,
        pack_tokens: int | None = ALONE,
        shared: SharedBases | None = None,
    ) -> None:
        self._runtime: Runtime = runtime or SingleProcess()
        self._shelf = Shelf(self._runtime.device, shared)
        self._bench = Bench(self._shelf, trials, self._runtime, pack_tokens=pack_tokens)

    @property
    def working(self) -> int:
        """How many leases it serves."""
        return self._bench.working

    def start(self, lease: Lease) -> Stretch | None:
        """Take a lease; a trial that cannot be set up comes back at once."""
        return self._bench.start(lease)

    def turn(self) -> list[Stretch]:
        """One step for every leased trial, in passes that they share where they fit; those that ended."""
        return self._bench.turn()

    def write(self, exam: Exam, problems: Sequence[str] | None = None) -> list[Completion]:
        """The completions of one model for the exam's problems, or for those named."""
        (written,) = self.write_all([exam], problems)
        if isinstance(written, Exception):
            raise written
        return written

    def write_all(self, exams: Sequence[Exam], problems: Sequence[str] | None = None) -> list[Written]:
        """What each exam of one of the ``sittings`` comes to; methods that can are written in one batch.

        Raises what the base raises when it cannot be loaded.
        """
        base = self._shelf.base(exams[0].spec.model)
        written: list[Written] = [[] for _ in exams]
        sharing = [place for place, exam in enumerate(exams) if _shares_base(exam)]
        for places in [sharing, *([place] for place in range(len(exams)) if place not in sharing)]:
            tuned = dict[int, Tuned]()
            for place in places:
                try:
                    tuned[place] = _tuned(exams[place], base)
                except Exception as error:  # of whatever kind: it is that exam's outcome
                    written[place] = error
            for choir in choirs(list(tuned.values())):
                singing = [list(tuned)[number] for number in choir]
                ask = partial(self._answers, exams[0], problems, base)
                for place, one in zip(singing, _tried(ask, [tuned[p] for p in singing]), strict=True):
                    written[place] = one
        return written

    def _answers(
        self, exam: Exam, problems: Sequence[str] | None, base: Base, tuned: Sequence[Tuned]
    ) -> list[Written]:
        evaluator = load_evaluator(exam.evaluator)
        wanted = set(exam_problems(exam) if problems is None else problems)
        chosen = [item for name, item in load_problems(exam.evaluator).items() if name in wanted]
        written: list[list[Completion]] = [[] for _ in tuned]
        with speaking(tuned) as voices:
            asked, device = [chosen] * len(tuned), self._runtime.device
            for voice, completion in answer_all(
                evaluator, asked, voices, base.tokenizer, exam.sampling, device
            ):
                written[voice].append(completion)
        return list(written)


def _tried(ask: Callable[[Sequence[Tuned]], list[Written]], tuned: Sequence[Tuned]) -> list[Written]:
    """What is written by all at once; by each alone where that breaks down."""
    try:
        return ask(tuned)
    except Exception as error:  # of whatever kind: goes to whoever asked for the exam; the lane serves on
        LOG.exception("An exam of %d models broke down.", len(tuned))
        if len(tuned) == 1:
            return [error]
        return [one for each in tuned for one in _tried(ask, [each])]


def _shares_base(exam: Exam) -> bool:
    return exam.checkpoint is None or build(exam.spec.method, exam.spec.hyperparameters).shares_base


def _tuned(exam: Exam, base: Base) -> Tuned:
    if exam.checkpoint is None:
        return Untuned(base.model)
    if read_checkpoint(exam.checkpoint)["spec"] != fingerprint(exam.spec):
        raise TornFile(f"{exam.checkpoint.folder}: a checkpoint of another trial than {exam.spec.id}.")
    method = build(exam.spec.method, exam.spec.hyperparameters)
    model = base.model if method.shares_base else deepcopy(base.model)
    tuned = method.apply(model, base.places, exam.spec.seed)
    tuned.load(Path(exam.checkpoint.folder) / ADAPTER)
    return tuned


def sittings(exams: Sequence[Exam]) -> list[list[Exam]]:
    """The exams, those together that differ in nothing but the trial and its checkpoint."""
    alike: dict[object, list[Exam]] = {}
    for exam in exams:
        alike.setdefault((exam.evaluator, exam.sampling, exam.limit, exam.spec.model), []).append(exam)
    return [
        some[start : start + AT_ONCE] for some in alike.values() for start in range(0, len(some), AT_ONCE)
    ]


def exam_problems(exam: Exam) -> list[str]:
    """The ids of the problems that the exam asks, in the evaluator's order."""
    names = list(load_problems(exam.evaluator))
    if not names:
        raise ConfigError(f"evaluator {exam.evaluator}: it has no problems.")
    return names[: exam.limit]
