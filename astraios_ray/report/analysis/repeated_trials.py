"""Trials that were repeated with other seeds, and the means of their repeats."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from astraios_ray.records import Score, TrialResult, TrialState, ValidationPoint
from astraios_ray.report.wording import finite

FEWEST = 2  # repeats; one has no spread


def with_repeats(results: Sequence[TrialResult]) -> list[tuple[TrialResult, tuple[TrialResult, ...]]]:
    """Every trial that is no repeat, with all its repeats in any state."""
    repeats: dict[str, list[TrialResult]] = {}
    for result in results:
        if result.spec.repeat_of is not None:
            repeats.setdefault(result.spec.repeat_of, []).append(result)
    first = [result for result in results if result.spec.repeat_of is None]
    return [(result, tuple(repeats.get(result.spec.id, ()))) for result in first]


def finished_repeats(repeats: Sequence[TrialResult]) -> tuple[TrialResult, ...]:
    """The repeats that completed with a finite loss; none where fewer than 2 did."""
    usable = [
        r for r in repeats if r.state is TrialState.COMPLETE and r.last and finite(r.last.loss) is not None
    ]
    return tuple(usable) if len(usable) >= FEWEST else ()


def pooled(result: TrialResult, repeats: Sequence[TrialResult]) -> TrialResult:
    """``result`` with the mean losses and scores of its repeats in place of its own.

    Its own were the reason to choose it, so they are too good and left out. Its cost and checkpoint stay. A
    task that fewer than two repeats were scored on keeps no score.
    """
    finished = finished_repeats(repeats)
    if not finished:
        return result
    names = dict.fromkeys(score.evaluator for score in result.scores)
    by_task = {
        name: [score for r in finished for score in r.scores if score.evaluator == name] for name in names
    }
    scores = tuple(
        pooled_score(task_scores) for task_scores in by_task.values() if len(task_scores) >= FEWEST
    )
    return replace(result, points=_mean_points(finished), scores=scores)


def pooled_score(scores: Sequence[Score]) -> Score:
    """One task's scores of several seeds as one: means, with intervals that include the seeds' variance."""
    first = scores[0]
    names = [name for name in first.metrics if all(finite(s.metrics.get(name)) is not None for s in scores)]
    return replace(
        first,
        metrics={name: fmean(score.metrics[name] for score in scores) for name in names},
        intervals={name: _interval(scores, name) for name in names},
        unscored=sum(score.unscored for score in scores),
        unsupported=sum(score.unsupported for score in scores),
        solved={
            problem: fmean(score.solved[problem] for score in scores)
            for problem in first.solved
            if all(problem in score.solved for score in scores)
        },
        seeds=len(scores),
    )


def _interval(scores: Sequence[Score], name: str) -> tuple[float, float]:
    from astraios_ray.report.statistics.seeds import interval_over_seeds  # scipy costs a second

    spans = [score.intervals[name] for score in scores if name in score.intervals]
    halves = [(high - low) / 2 for low, high in spans]
    low, high = interval_over_seeds([score.metrics[name] for score in scores], halves, scores[0].units)
    return max(0.0, low), min(1.0, high)


def _mean_points(results: Sequence[TrialResult]) -> tuple[ValidationPoint, ...]:
    """The mean curve, at the steps at which all were measured."""
    curves = [{point.step: point for point in result.points} for result in results]
    return tuple(
        ValidationPoint(
            step,
            fmean(points[step].loss for points in curves),
            fmean(points[step].train_loss for points in curves),
            fmean(points[step].seconds for points in curves),
        )
        for step in curves[0]
        if all(step in points for points in curves)
    )
