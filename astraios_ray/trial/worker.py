"""The worker of every backend: trains several trials side by side and writes completions for eval tasks."""

import logging
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from astraios_ray.data.templates import make_template
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.answering import answer_all
from astraios_ray.evaluation.batched_models import batched, group_by_base
from astraios_ray.evaluation.loading import load_evaluator, load_problems
from astraios_ray.methods.method import build, traits_of
from astraios_ray.methods.tuned import TunedModel, UntunedModel
from astraios_ray.models.load_base import Base
from astraios_ray.models.shared_weights import SharedBases
from astraios_ray.records import Checkpoint, Completion, EvalTask, TrainTask, TrialState
from astraios_ray.training.checkpoints import is_whole
from astraios_ray.training.multi_trainer import ModelCache, MultiTrialTrainer
from astraios_ray.training.pass_packing import ALONE
from astraios_ray.training.retraining import broke_again
from astraios_ray.training.runtime import Runtime, SingleProcess, allow_tf32
from astraios_ray.training.trial_trainer import ADAPTER

LOG = logging.getLogger(__name__)
AT_ONCE = 16  # eval tasks of one batch: their scores come together and are lost together

CompletionsOrError: TypeAlias = list[Completion] | Exception  # of one eval task, or the error that stopped it


class Worker:
    """Has a ``trainer`` and writes. Both keep bases and rows loaded from the first task to the last."""

    def __init__(
        self,
        trials: Path,
        runtime: Runtime | None = None,
        *,
        pack_tokens: int | None = ALONE,
        shared: SharedBases | None = None,
    ) -> None:
        self._runtime: Runtime = runtime or SingleProcess()
        allow_tf32(self._runtime.device)
        self._models, self._trials = ModelCache(self._runtime.device, shared), trials
        self.trainer = MultiTrialTrainer(self._models, trials, self._runtime, pack_tokens=pack_tokens)

    def write(self, eval_task: EvalTask, problems: Sequence[str] | None = None) -> list[Completion]:
        """The completions of one model for ``problems``, by default all of the eval task."""
        (completions,) = self.write_all([eval_task], problems)
        if isinstance(completions, Exception):
            raise completions
        return completions

    def write_all(
        self, eval_tasks: Sequence[EvalTask], problems: Sequence[str] | None = None
    ) -> list[CompletionsOrError]:
        """The completions of each eval task of one of the ``eval_batches``, or the error that stopped it.

        Models that share their base write together. Raises an error of loading the base.
        """
        base = self._models.base(eval_tasks[0].spec.model)
        outcomes: list[CompletionsOrError] = [[] for _ in eval_tasks]
        sharing = [place for place, eval_task in enumerate(eval_tasks) if _shares_base(eval_task)]
        for places in [sharing, *([place] for place in range(len(eval_tasks)) if place not in sharing)]:
            tuned = dict[int, TunedModel]()
            for place in places:
                try:
                    tuned[place] = self._tuned(eval_tasks[place], base)
                except Exception as error:  # of any kind: it is the outcome of this eval task
                    outcomes[place] = error
            for group in group_by_base(list(tuned.values())):
                members = [list(tuned)[number] for number in group]
                ask = partial(self._answers, eval_tasks[0], problems, base)
                for place, outcome in zip(members, _try_all(ask, [tuned[p] for p in members]), strict=True):
                    outcomes[place] = outcome
        return outcomes

    def _tuned(self, eval_task: EvalTask, base: Base) -> TunedModel:
        spec, checkpoint = eval_task.spec, eval_task.checkpoint
        if checkpoint is None:
            return UntunedModel(base.model)
        train_task = TrainTask(spec, checkpoint.step, checkpoint, eval_task.points)
        folder = Path(self.whole_checkpoint(train_task).folder)
        method = build(spec.method, spec.hyperparameters)
        model = base.model if method.traits.shares_base else deepcopy(base.model)
        tuned = method.apply(model, base.target_modules, spec.seed)
        tuned.load(folder / ADAPTER)
        return tuned

    def whole_checkpoint(self, train_task: TrainTask) -> Checkpoint:
        """The task's checkpoint; where it is damaged or missing, the trial is first trained up to it again.

        Raises TornFile where losses come out other than the task's points.
        """
        checkpoint = train_task.checkpoint
        assert checkpoint
        if self._runtime.agree(is_whole(checkpoint, train_task.spec)):
            return checkpoint
        report = MultiTrialTrainer(self._models, self._trials, self._runtime).train(train_task)
        if report.state is not TrialState.PAUSED or report.checkpoint is None:
            raise broke_again(train_task, 0, report.reason)
        return self._runtime.agree(report.checkpoint)  # which the first worker has written

    def _answers(
        self, eval_task: EvalTask, problems: Sequence[str] | None, base: Base, tuned: Sequence[TunedModel]
    ) -> list[CompletionsOrError]:
        evaluator = load_evaluator(eval_task.evaluator)
        names = set(eval_task_problems(eval_task) if problems is None else problems)
        selection = [item for name, item in load_problems(eval_task.evaluator).items() if name in names]
        completions: list[list[Completion]] = [[] for _ in tuned]
        with batched(tuned) as models:
            questions, device = [selection] * len(tuned), self._runtime.device
            template = make_template(eval_task.spec.data, base.tokenizer)
            for number, completion in answer_all(
                evaluator, questions, models, base.tokenizer, eval_task.sampling, device, template
            ):
                completions[number].append(completion)
        return list(completions)


def _try_all(
    ask: Callable[[Sequence[TunedModel]], list[CompletionsOrError]], tuned: Sequence[TunedModel]
) -> list[CompletionsOrError]:
    """The completions of all models together; of one model after the other where that fails."""
    try:
        return ask(tuned)
    except Exception as error:  # of any kind: it goes to the caller; the lane continues
        LOG.exception("An eval task of %d models broke down.", len(tuned))
        if len(tuned) == 1:
            return [error]
        return [outcome for model in tuned for outcome in _try_all(ask, [model])]


def _shares_base(eval_task: EvalTask) -> bool:
    return (
        eval_task.checkpoint is None
        or traits_of(eval_task.spec.method, eval_task.spec.hyperparameters).shares_base
    )


def eval_batches(eval_tasks: Sequence[EvalTask]) -> list[list[EvalTask]]:
    """The eval tasks in batches. Those of one batch differ in nothing but the trial and its checkpoint."""
    groups: dict[object, list[EvalTask]] = {}
    for eval_task in eval_tasks:
        data = replace(eval_task.spec.data, mask=None)  # training sets of one study are asked together
        alike = (eval_task.evaluator, eval_task.sampling, eval_task.limit, eval_task.spec.model, data)
        groups.setdefault(alike, []).append(eval_task)
    return [
        group[start : start + AT_ONCE] for group in groups.values() for start in range(0, len(group), AT_ONCE)
    ]


def eval_task_problems(eval_task: EvalTask) -> list[str]:
    """The ids of the eval task's problems, in the evaluator's order."""
    names = list(load_problems(eval_task.evaluator))
    if not names:
        raise ConfigError(f"evaluator {eval_task.evaluator}: it has no problems.")
    return names[: eval_task.limit]
