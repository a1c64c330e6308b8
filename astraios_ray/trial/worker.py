"""One worker's whole work, whoever drives it: train train_tasks side by side, write completions for eval_tasks."""

import logging
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import TypeAlias

from astraios_ray.errors import ConfigError, TornFile
from astraios_ray.evaluation.answering import answer_all
from astraios_ray.evaluation.batched_models import batched, group_by_base
from astraios_ray.evaluation.loading import load_evaluator, load_problems
from astraios_ray.methods.method import build
from astraios_ray.methods.tuned import TunedModel, UntunedModel
from astraios_ray.models.load_base import Base
from astraios_ray.models.shared_weights import SharedBases
from astraios_ray.records import Completion, EvalTask, TrainReport, TrainTask
from astraios_ray.training.checkpoints import fingerprint, read_checkpoint
from astraios_ray.training.model_cache import ModelCache
from astraios_ray.training.multi_trainer import MultiTrialTrainer
from astraios_ray.training.pass_packing import ALONE
from astraios_ray.training.runtime import Runtime, SingleProcess
from astraios_ray.training.trial_trainer import ADAPTER

LOG = logging.getLogger(__name__)
AT_ONCE = 16  # eval_tasks of one sitting: their scores are there together, and are lost together

Written: TypeAlias = list[Completion] | Exception  # of one eval_task, or what broke it down


class Worker:
    """Keeps bases and rows loaded from its first train_task to its last."""

    def __init__(
        self,
        trials: Path,
        runtime: Runtime | None = None,
        *,
        pack_tokens: int | None = ALONE,
        shared: SharedBases | None = None,
    ) -> None:
        self._runtime: Runtime = runtime or SingleProcess()
        self._shelf = ModelCache(self._runtime.device, shared)
        self._bench = MultiTrialTrainer(self._shelf, trials, self._runtime, pack_tokens=pack_tokens)

    @property
    def working(self) -> int:
        """How many train_tasks it serves."""
        return self._bench.working

    def start(self, train_task: TrainTask) -> TrainReport | None:
        """Take a train_task; a trial that cannot be set up comes back at once."""
        return self._bench.start(train_task)

    def turn(self) -> list[TrainReport]:
        """One step for every training trial, in passes that they share where they fit; those that ended."""
        return self._bench.turn()

    def write(self, eval_task: EvalTask, problems: Sequence[str] | None = None) -> list[Completion]:
        """The completions of one model for the eval_task's problems, or for those named."""
        (written,) = self.write_all([eval_task], problems)
        if isinstance(written, Exception):
            raise written
        return written

    def write_all(
        self, eval_tasks: Sequence[EvalTask], problems: Sequence[str] | None = None
    ) -> list[Written]:
        """What each eval_task of one of the ``sittings`` comes to; methods that can are written in one batch.

        Raises what the base raises when it cannot be loaded.
        """
        base = self._shelf.base(eval_tasks[0].spec.model)
        written: list[Written] = [[] for _ in eval_tasks]
        sharing = [place for place, eval_task in enumerate(eval_tasks) if _shares_base(eval_task)]
        for target_modules in [
            sharing,
            *([place] for place in range(len(eval_tasks)) if place not in sharing),
        ]:
            tuned = dict[int, TunedModel]()
            for place in target_modules:
                try:
                    tuned[place] = _tuned(eval_tasks[place], base)
                except Exception as error:  # of whatever kind: it is that eval_task's outcome
                    written[place] = error
            for choir in group_by_base(list(tuned.values())):
                singing = [list(tuned)[number] for number in choir]
                ask = partial(self._answers, eval_tasks[0], problems, base)
                for place, one in zip(singing, _tried(ask, [tuned[p] for p in singing]), strict=True):
                    written[place] = one
        return written

    def _answers(
        self, eval_task: EvalTask, problems: Sequence[str] | None, base: Base, tuned: Sequence[TunedModel]
    ) -> list[Written]:
        evaluator = load_evaluator(eval_task.evaluator)
        wanted = set(eval_task_problems(eval_task) if problems is None else problems)
        chosen = [item for name, item in load_problems(eval_task.evaluator).items() if name in wanted]
        written: list[list[Completion]] = [[] for _ in tuned]
        with batched(tuned) as voices:
            asked, device = [chosen] * len(tuned), self._runtime.device
            for voice, completion in answer_all(
                evaluator, asked, voices, base.tokenizer, eval_task.sampling, device
            ):
                written[voice].append(completion)
        return list(written)


def _tried(
    ask: Callable[[Sequence[TunedModel]], list[Written]], tuned: Sequence[TunedModel]
) -> list[Written]:
    """What is written by all at once; by each alone where that breaks down."""
    try:
        return ask(tuned)
    except (
        Exception
    ) as error:  # of whatever kind: goes to whoever asked for the eval_task; the lane serves on
        LOG.exception("An eval_task of %d models broke down.", len(tuned))
        if len(tuned) == 1:
            return [error]
        return [one for each in tuned for one in _tried(ask, [each])]


def _shares_base(eval_task: EvalTask) -> bool:
    return (
        eval_task.checkpoint is None
        or build(eval_task.spec.method, eval_task.spec.hyperparameters).shares_base
    )


def _tuned(eval_task: EvalTask, base: Base) -> TunedModel:
    if eval_task.checkpoint is None:
        return UntunedModel(base.model)
    if read_checkpoint(eval_task.checkpoint)["spec"] != fingerprint(eval_task.spec):
        raise TornFile(
            f"{eval_task.checkpoint.folder}: a checkpoint of another trial than {eval_task.spec.id}."
        )
    method = build(eval_task.spec.method, eval_task.spec.hyperparameters)
    model = base.model if method.shares_base else deepcopy(base.model)
    tuned = method.apply(model, base.target_modules, eval_task.spec.seed)
    tuned.load(Path(eval_task.checkpoint.folder) / ADAPTER)
    return tuned


def sittings(eval_tasks: Sequence[EvalTask]) -> list[list[EvalTask]]:
    """The eval_tasks, those together that differ in nothing but the trial and its checkpoint."""
    alike: dict[object, list[EvalTask]] = {}
    for eval_task in eval_tasks:
        alike.setdefault(
            (eval_task.evaluator, eval_task.sampling, eval_task.limit, eval_task.spec.model), []
        ).append(eval_task)
    return [
        some[start : start + AT_ONCE] for some in alike.values() for start in range(0, len(some), AT_ONCE)
    ]


def eval_task_problems(eval_task: EvalTask) -> list[str]:
    """The ids of the problems that the eval_task asks, in the evaluator's order."""
    names = list(load_problems(eval_task.evaluator))
    if not names:
        raise ConfigError(f"evaluator {eval_task.evaluator}: it has no problems.")
    return names[: eval_task.limit]
