"""The trial that represents a method on one task."""

from dataclasses import dataclass

from astraios_ray.records import Score
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, score_of

BASE = "untuned base"


@dataclass(frozen=True)
class Model:
    """A method by one of its trials, or the untuned base, with its score on a task."""

    name: str
    row: LeaderboardRow | None  # None: the untuned base
    score: Score

    @property
    def trial(self) -> str | None:
        """The trial's id; None for the untuned base."""
        return self.row.trial if self.row else None


def models_on(board: Leaderboard, task: str) -> tuple[Model, ...]:
    """Every method by its highest-ranked trial that was scored on ``task``, then the untuned base."""
    by_method: dict[str, Model] = {}
    for row in board.ranked:
        score = score_of(row.result.scores, task)
        if score:
            by_method.setdefault(row.method, Model(row.method, row, score))
    base = score_of(board.record.base_scores, task)
    return (*by_method.values(), *([Model(BASE, None, base)] if base else []))


def tasks_with(board: Leaderboard, metric: str) -> tuple[str, ...]:
    """The tasks any of whose scores has a metric that is ``metric``, or begins with it where it ends in /."""
    return tuple(
        task for task in board.tasks if any(has(model.score, metric) for model in models_on(board, task))
    )


def has(score: Score, metric: str) -> bool:
    """Whether a score has the metric, or one that begins with it where it ends in a slash."""
    if metric.endswith("/"):
        return any(name.startswith(metric) for name in score.metrics)
    return metric in score.metrics
