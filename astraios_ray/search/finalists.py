"""Which trials are worth a downstream evaluation."""

from collections.abc import Sequence

from astraios_ray.config.study import EvaluateConfig
from astraios_ray.records import TrialResult, TrialState, training_set


def finalists(results: Sequence[TrialResult], evaluate: EvaluateConfig) -> list[TrialResult]:
    """The trials to score, best validation loss first, of each training set its own; without repeats.

    ``finalists``: the ``top`` best that trained in full, the ``per_method`` best of every method (in full
    where any of the method did), and the audited losers. ``all``: every trial with a checkpoint.
    """
    sets = dict.fromkeys(training_set(r.spec) for r in results)
    return [
        r
        for name in sets
        for r in _of_one_set([r for r in results if training_set(r.spec) == name], evaluate)
    ]


def _of_one_set(results: Sequence[TrialResult], evaluate: EvaluateConfig) -> list[TrialResult]:
    able = _able(results)
    if evaluate.which == "all":
        return able
    if evaluate.which == "none" or not evaluate.tasks:
        return []
    chosen = _chosen(able, evaluate)
    if evaluate.audited:
        chosen |= {r.spec.id for r in able if r.audited and r.state is TrialState.COMPLETE}
    return [r for r in able if r.spec.id in chosen]


def best(results: Sequence[TrialResult], evaluate: EvaluateConfig) -> list[TrialResult]:
    """The ``top`` best trials and the ``per_method`` best of every method, of those that trained in full."""
    able = [result for result in _able(results) if result.state is TrialState.COMPLETE]
    chosen = _chosen(able, evaluate)
    return [r for r in able if r.spec.id in chosen]


def _able(results: Sequence[TrialResult]) -> list[TrialResult]:
    return sorted((r for r in results if r.rankable and r.checkpoint), key=_rank)


def _chosen(able: Sequence[TrialResult], evaluate: EvaluateConfig) -> set[str]:
    chosen = {r.spec.id for r in [r for r in able if r.state is TrialState.COMPLETE][: evaluate.top]}
    for method in {r.spec.method for r in able}:
        chosen |= {r.spec.id for r in [r for r in able if r.spec.method == method][: evaluate.per_method]}
    return chosen


def _rank(result: TrialResult) -> tuple[bool, int, float]:
    """Trials in full first, by loss; then those that got furthest."""
    assert result.last
    complete = result.state is TrialState.COMPLETE
    return (not complete, 0 if complete else -result.last.step, result.last.loss)
