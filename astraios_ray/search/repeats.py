"""Repeats: finalists that train again, in full, with other seeds.

A finalist is chosen for its loss, which depends on its seed too. So the results of its configuration come
from repeats alone: the same spec under other seeds. No scheduler stops them.
"""

from collections.abc import Sequence
from dataclasses import replace

from astraios_ray.config.study import EvaluateConfig, StudyConfig
from astraios_ray.records import TrialResult, TrialSpec, TrialState
from astraios_ray.search.finalists import best, finalists
from astraios_ray.search.scheduler import Action, Decision, Scheduler

FIRST = 10_000  # the repeats of trial 7 are the trials 10007, 20007, ...; no study has as many trials


def is_repeat(trial: str) -> bool:
    """Whether the trial of this id repeats another."""
    return int(trial[1:]) >= FIRST


def repeated_by(spec: TrialSpec) -> str:
    """The id of the trial that ``spec`` repeats, or of ``spec`` where it repeats none."""
    return replace(spec, number=spec.number % FIRST).id


def missing_repeats(results: Sequence[TrialResult], evaluate: EvaluateConfig) -> list[TrialSpec]:
    """The repeats still to train of the best trials overall and of each method."""
    ids = {result.spec.id for result in results}
    specs = [
        replace(result.spec, number=result.spec.number + FIRST * turn, seed=result.spec.seed + turn)
        for result in best([r for r in results if not is_repeat(r.spec.id)], evaluate)
        for turn in range(1, evaluate.seeds + 1)
    ]
    return [spec for spec in specs if spec.id not in ids]


def repeats_expected(study: StudyConfig) -> int:
    """The greatest possible number of repeats."""
    finalist_count = study.evaluate.top + study.evaluate.per_method * len(study.methods)
    return study.evaluate.seeds * sum(
        min(finalist_count, search.budget.trials) for search in study.searches()
    )


def to_score(results: Sequence[TrialResult], evaluate: EvaluateConfig) -> list[TrialResult]:
    """The finalists, then those of their repeats that trained in full."""
    first = finalists([result for result in results if not is_repeat(result.spec.id)], evaluate)
    finalist_ids = {result.spec.id for result in first}
    repeats = [r for r in results if is_repeat(r.spec.id) and repeated_by(r.spec) in finalist_ids]
    return first + [result for result in repeats if result.state is TrialState.COMPLETE and result.checkpoint]


class WithRepeats:
    """A scheduler that lets repeats finish and asks another scheduler about all other trials."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self.rungs = scheduler.rungs

    def enter(self, trial: str, method: str, bracket: int) -> None:
        """Pass on a trial that is no repeat."""
        if not is_repeat(trial):
            self._scheduler.enter(trial, method, bracket)

    def report(self, trial: str, step: int, loss: float) -> Sequence[Decision]:
        """Continue a repeat; let the other scheduler decide on any other trial."""
        return (
            [Decision(trial, Action.CONTINUE)]
            if is_repeat(trial)
            else self._scheduler.report(trial, step, loss)
        )

    def gone(self, trial: str) -> Sequence[Decision]:
        """Pass on the end of a trial that is no repeat."""
        return [] if is_repeat(trial) else self._scheduler.gone(trial)

    def waiting_for(self) -> str:
        """What the other scheduler waits for."""
        return self._scheduler.waiting_for()
