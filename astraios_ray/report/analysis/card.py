"""The Astraios card of a method: comprehension, generation, robustness, security and cost, by one trial.

The axes are those by which Astraios (arXiv 2401.00788) compares methods: comprehension are its tasks that are
answered by YES or NO, generation those that ask for text or code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from astraios_ray.records import Score, TrialResult
from astraios_ray.report.analysis.cost import time_axis
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, metric, score_of
from astraios_ray.report.analysis.metric_names import ANSWERED, COVERED, WORST
from astraios_ray.report.analysis.scored_models import has

KINDS = ("comprehension", "generation", "robustness", "security")
FEWEST = 2  # kinds of tasks that make a card


@dataclass(frozen=True)
class CardAxis:
    """One bar: a mean over tasks, from 0 to 1; None where the trial was scored on no such task."""

    name: str
    value: float | None
    tasks: int


@dataclass(frozen=True)
class Card:
    """A method, represented by the highest-ranked of its trials that were scored on most kinds of tasks."""

    method: str
    row: LeaderboardRow
    axes: tuple[CardAxis, ...]  # higher is better
    seconds: float  # of training and validation, on the device where that was recorded; lower is better
    parameters: int  # trained

    def share_of_cost(self, cards: Sequence["Card"]) -> float:
        """Its seconds as a share of those of the slowest card."""
        slowest = max(card.seconds for card in cards)
        return self.seconds / slowest if slowest else 0.0


def cards(board: Leaderboard) -> tuple[Card, ...]:
    """A card for every scored method, in order of rank. Empty where no trial was scored on two kinds."""
    best: dict[str, Card] = {}
    for row in board.ranked:
        card = _card(row, board)
        current = best.get(row.method)
        if _kind_count(card) and (current is None or _kind_count(card) > _kind_count(current)):
            best[row.method] = card
    if max(map(_kind_count, best.values()), default=0) < FEWEST:
        return ()
    return tuple(sorted(best.values(), key=lambda card: card.row.rank or 0))


def kind_of(score: Score) -> str:
    """The one of ``KINDS`` that a score's task belongs to."""
    if score.ranking.startswith(WORST) or has(score, WORST):
        return "robustness"
    if COVERED in score.metrics:
        return "security"
    return "comprehension" if ANSWERED in score.metrics else "generation"


def _kind_count(card: Card) -> int:
    return sum(axis.value is not None for axis in card.axes)


def _card(row: LeaderboardRow, board: Leaderboard) -> Card:
    scores = _scores(row.result, board)
    axes = [_axis(kind, [score for score in scores if kind_of(score) == kind]) for kind in KINDS]
    cost = row.result.cost
    seconds = time_axis(board.record.results).of(cost)
    return Card(row.method, row, tuple(axes), seconds, cost.trainable_parameters)


def _scores(result: TrialResult, board: Leaderboard) -> list[Score]:
    scores = (score_of(result.scores, task) for task in board.tasks)
    return [score for score in scores if score]


def _axis(kind: str, scores: Sequence[Score]) -> CardAxis:
    values = [value for score in scores if (value := metric(score, score.ranking)) is not None]
    return CardAxis(kind, fmean(values) if values else None, len(values))
