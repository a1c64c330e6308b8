"""Cells and plain values of single metrics of a score."""

from collections.abc import Sequence
from typing import Any

from astraios_ray.records import Score
from astraios_ray.report.analysis.leaderboard import interval, metric
from astraios_ray.report.analysis.scored_models import Model
from astraios_ray.report.tables import Cell
from astraios_ray.report.wording import NOTHING, count, with_interval


def share(score: Score, name: str) -> str:
    """A metric in percent with its 95 % interval, where it has one; a dash where there is none."""
    return with_interval(metric(score, name), interval(score, name))


def share_cell(score: Score, name: str) -> Cell:
    """``share`` as a cell that sorts by the metric."""
    return Cell(share(score, name), metric(score, name))


def count_cell(score: Score, name: str) -> Cell:
    """What a metric is a mean over; a dash where that was not recorded."""
    denominator = score.counts.get(name)
    return Cell(NOTHING) if denominator is None else Cell(count(denominator), denominator)


def values(model: Model, names: Sequence[str]) -> dict[str, Any]:
    """Metrics of a model for programs, each with its interval and what it is a mean over."""
    return {
        "method": model.name,
        "trial": model.trial,
        "metrics": {name: metric(model.score, name) for name in names},
        "intervals": {name: interval(model.score, name) for name in names},
        "counts": {name: model.score.counts.get(name) for name in names},
        "unscored": model.score.unscored,
        "unsupported": model.score.unsupported,
    }


def unscored(models: Sequence[Model]) -> int:
    """Samples of all models that no verdict was reached on."""
    return sum(model.score.unscored for model in models)
