"""Repeats: finalists that train again, in full, with other seeds.

A finalist is chosen for its loss, which depends on its seed too. So the results of its configuration come
from repeats alone: the same spec under other seeds. No scheduler stops them.
"""

from collections.abc import Sequence
from dataclasses import replace

from astraios_ray.config.study import EvaluateConfig, StudyConfig
from astraios_ray.records import TrialResult, TrialSpec, TrialState
from astraios_ray.search.finalists import best, finalists

LEAST_STEP = 10_000  # so the repeats of trial 7 are the trials 10007, 20007, ...


def missing_repeats(results: Sequence[TrialResult], evaluate: EvaluateConfig, trials: int) -> list[TrialSpec]:
    """The repeats still to train of the best trials overall and of each method.

    ``trials`` is above the number of every trial of the study that is no repeat. Numbers of repeats begin
    above it.
    """
    step = LEAST_STEP
    while step < trials:
        step *= 10
    seeds = {(result.spec.repeat_of, result.spec.seed) for result in results}
    specs = [
        replace(spec, number=spec.number + step * turn, seed=spec.seed + turn, repeat_of=spec.id)
        for spec in (r.spec for r in best(_first_runs(results), evaluate))
        for turn in range(1, evaluate.seeds + 1)
    ]
    return [spec for spec in specs if (spec.repeat_of, spec.seed) not in seeds]


def repeats_expected(study: StudyConfig) -> int:
    """The greatest possible number of repeats."""
    finalist_count = study.evaluate.top + study.evaluate.per_method * len(study.methods)
    return study.evaluate.seeds * sum(
        min(finalist_count, search.budget.trials) for search in study.searches()
    )


def to_score(results: Sequence[TrialResult], evaluate: EvaluateConfig) -> list[TrialResult]:
    """The finalists, then those of their repeats that trained in full."""
    first = finalists(_first_runs(results), evaluate)
    finalist_ids = {result.spec.id for result in first}
    repeats = [result for result in results if result.spec.repeat_of in finalist_ids]
    return first + [result for result in repeats if result.state is TrialState.COMPLETE and result.checkpoint]


def _first_runs(results: Sequence[TrialResult]) -> list[TrialResult]:
    return [result for result in results if result.spec.repeat_of is None]
