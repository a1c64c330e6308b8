"""Finalists trained anew with other seeds: which they are, and that no rule stops them.

A trial is chosen for its loss, and partly for the luck of its seed. So what is said of its configuration
comes from repeats alone: the same spec under other seeds, at full length, whatever their losses.
"""

from collections.abc import Sequence
from dataclasses import replace

from astraios_ray.config.study import EvaluateConfig, StudyConfig
from astraios_ray.records import TrialResult, TrialSpec, TrialState
from astraios_ray.search.finalists import best, finalists
from astraios_ray.search.scheduler import Action, Decision, Scheduler

FIRST = 10_000  # the repeats of trial 7 are the trials 10007, 20007, ...: more trials than this no study has


def is_repeat(trial: str) -> bool:
    """Whether the trial of this id repeats another."""
    return int(trial[1:]) >= FIRST


def repeated_by(spec: TrialSpec) -> str:
    """The id of the trial that ``spec`` repeats; its own where it repeats none."""
    return replace(spec, number=spec.number % FIRST).id


def missing_repeats(results: Sequence[TrialResult], evaluate: EvaluateConfig) -> list[TrialSpec]:
    """What is left to train so that the best trials overall and of each method have all their repeats."""
    known = {result.spec.id for result in results}
    wanted = [
        replace(each.spec, number=each.spec.number + FIRST * turn, seed=each.spec.seed + turn)
        for each in best([r for r in results if not is_repeat(r.spec.id)], evaluate)
        for turn in range(1, evaluate.seeds + 1)
    ]
    return [spec for spec in wanted if spec.id not in known]


def repeats_expected(study: StudyConfig) -> int:
    """How many repeats there will be at most."""
    chosen = study.evaluate.top + study.evaluate.per_method * len(study.methods)
    return study.evaluate.seeds * sum(min(chosen, search.budget.trials) for search in study.searches())


def to_score(results: Sequence[TrialResult], evaluate: EvaluateConfig) -> list[TrialResult]:
    """The finalists, then the repeats of these that trained in full."""
    first = finalists([result for result in results if not is_repeat(result.spec.id)], evaluate)
    chosen = {result.spec.id for result in first}
    again = [r for r in results if is_repeat(r.spec.id) and repeated_by(r.spec) in chosen]
    return first + [result for result in again if result.state is TrialState.COMPLETE and result.checkpoint]


class WithRepeats:
    """A rule that hears nothing of repeats, and lets them finish."""

    def __init__(self, rule: Scheduler) -> None:
        self._rule = rule
        self.rungs = rule.rungs

    def enter(self, trial: str, method: str, bracket: int) -> None:
        """Expect a trial that is no repeat."""
        if not is_repeat(trial):
            self._rule.enter(trial, method, bracket)

    def report(self, trial: str, step: int, loss: float) -> Sequence[Decision]:
        """A repeat goes on; of others the rule decides."""
        return (
            [Decision(trial, Action.CONTINUE)] if is_repeat(trial) else self._rule.report(trial, step, loss)
        )

    def gone(self, trial: str) -> Sequence[Decision]:
        """A repeat that ends decides nothing."""
        return [] if is_repeat(trial) else self._rule.gone(trial)

    def waiting_for(self) -> str:
        """What the rule waits for."""
        return self._rule.waiting_for()
