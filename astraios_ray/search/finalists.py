"""Which trials are worth a downstream evaluation."""

from collections.abc import Sequence

from astraios_ray.config.study import EvaluateConfig
from astraios_ray.records import TrialResult, TrialState


def finalists(results: Sequence[TrialResult], evaluate: EvaluateConfig) -> list[TrialResult]:
    """The trials to score, training set by training set, each by validation loss; without repeats.

    ``finalists``: the ``top`` best that trained in full, the ``per_method`` best of every method (those that
    trained in full come first), and the audited losers. ``all``: every trial with a checkpoint.
    """
    sets = dict.fromkeys(r.spec.training_set for r in results)
    return [
        r for name in sets for r in _of_one_set([r for r in results if r.spec.training_set == name], evaluate)
    ]


def _of_one_set(results: Sequence[TrialResult], evaluate: EvaluateConfig) -> list[TrialResult]:
    candidates = _candidates(results)
    if evaluate.which == "all":
        return candidates
    if evaluate.which == "none" or not evaluate.tasks:
        return []
    ids = _best_ids(candidates, evaluate)
    if evaluate.audited:
        ids |= {r.spec.id for r in candidates if r.audited and r.state is TrialState.COMPLETE}
    return [r for r in candidates if r.spec.id in ids]


def best(results: Sequence[TrialResult], evaluate: EvaluateConfig) -> list[TrialResult]:
    """The ``top`` best trials and the ``per_method`` best of every method, of those that trained in full."""
    candidates = [result for result in _candidates(results) if result.state is TrialState.COMPLETE]
    ids = _best_ids(candidates, evaluate)
    return [r for r in candidates if r.spec.id in ids]


def _candidates(results: Sequence[TrialResult]) -> list[TrialResult]:
    return sorted((r for r in results if r.rankable and r.checkpoint), key=_rank)


def _best_ids(candidates: Sequence[TrialResult], evaluate: EvaluateConfig) -> set[str]:
    ids = {r.spec.id for r in [r for r in candidates if r.state is TrialState.COMPLETE][: evaluate.top]}
    for method in {r.spec.method for r in candidates}:
        ids |= {r.spec.id for r in [r for r in candidates if r.spec.method == method][: evaluate.per_method]}
    return ids


def _rank(result: TrialResult) -> tuple[bool, int, float]:
    """Sort key: first the trials that trained in full, by loss; then the others, by step."""
    assert result.last
    complete = result.state is TrialState.COMPLETE
    return (not complete, 0 if complete else -result.last.step, result.last.loss)
