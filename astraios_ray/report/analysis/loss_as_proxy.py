"""Whether validation loss ranks trials as their scores do."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, metric, score_of
from astraios_ray.report.statistics.agreement import Agreement, agreement
from astraios_ray.report.statistics.power import LEVEL, trials_to_tell

NEAREST = 3  # one in so many trials, those of lowest loss, are near the best
ENOUGH = 0.5  # Spearman's: below, less than a quarter of the ranks' variance is shared (0.5 squared)
FEWEST = 3  # trials of a method, and of all others, before it can be called misranked
MOST = 500  # more trials than this are no advice


class Trust(StrEnum):
    """Whether loss may be used in place of a score."""

    YES = "trust"
    NO = "do not trust"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class Proxy:
    """Loss beside one metric: how far their orders agree. 1: the lower loss always has the higher score.

    Methods that are far apart make ``pooled`` high, whatever the orders within them and among the best.
    """

    task: str
    metric: str
    pooled: Agreement | None  # over all trials; None with too few
    within: Agreement | None  # of the orders within each method, all methods together
    nearest: Agreement | None  # among the third of trials with the lowest losses
    methods: dict[str, Agreement]  # only of those with enough trials
    count: int  # trials with a full-length loss and this metric

    @property
    def trust(self) -> Trust:
        """By the 95 % intervals of Spearman's correlation: never by that over all trials alone."""
        verdicts = _trust(self.pooled), _trust(self.within)
        if Trust.NO in (*verdicts, _trust(self.nearest)):
            return Trust.NO
        return Trust.YES if set(verdicts) == {Trust.YES} else Trust.UNKNOWN

    @property
    def missing(self) -> int | None:
        """How many more scored trials would decide it if the correlations stay; None where unknown."""
        undecided = [each for each in (self.pooled, self.within) if each and _trust(each) is Trust.UNKNOWN]
        if self.trust is not Trust.UNKNOWN or not undecided or not self.within:
            return None
        needs = [(trials_to_tell(each.spearman, ENOUGH), each.count) for each in undecided]
        more = [enough - count for enough, count in needs if enough is not None and enough <= MOST]
        return max(1, *more) if len(more) == len(needs) else None


@dataclass(frozen=True)
class Misranked:
    """A method that loss places otherwise than its scores do.

    ``places``: how many ranks too low loss places it on average; below zero, too high.
    """

    method: str
    places: float
    count: int
    p_value: float  # corrected over methods


def proxies(board: Leaderboard) -> tuple[Proxy, ...]:
    """Loss beside every metric of every task, the one that ranks first."""
    names = [(task, name) for task in board.tasks for name in _metrics(board, task)]
    return tuple(_proxy(board, task, name) for task, name in names)


def losses_and_scores(
    board: Leaderboard, task: str | None, name: str | None = None
) -> list[tuple[LeaderboardRow, float, float]]:
    """Row, loss and metric of every row that has both at full length. Only these losses are comparable."""
    name = name or board.ranking
    rows = [(row, row.validation_loss, _metric(row, task, name)) for row in board.ranked if row.full_length]
    return [(row, loss, value) for row, loss, value in rows if loss is not None and value is not None]


def misranked(board: Leaderboard) -> tuple[Misranked, ...]:
    """The methods whose trials loss places systematically too low or too high, by score on the ranking task.

    Mann and Whitney's test of each method's rank differences against all others', at 5 % over the methods
    (Benjamini and Hochberg). A method needs 3 trials, and the others together need 3.
    """
    points = losses_and_scores(board, board.task)
    by_loss = stats.rankdata([loss for _, loss, _ in points])
    shifts = by_loss - stats.rankdata([-value for _, _, value in points])
    methods = np.array([row.method for row, _, _ in points])
    testable = [m for m in board.methods if FEWEST <= (methods == m).sum() <= len(points) - FEWEST]
    if not testable:
        return ()
    p_values = [stats.mannwhitneyu(shifts[methods == m], shifts[methods != m]).pvalue for m in testable]
    corrected = stats.false_discovery_control(p_values)
    return tuple(
        Misranked(m, float(shifts[methods == m].mean()), int((methods == m).sum()), float(p))
        for m, p in zip(testable, corrected, strict=True)
        if p <= LEVEL
    )


def price_of_trusting(board: Leaderboard) -> tuple[LeaderboardRow, float] | None:
    """The trial with the lowest loss, and how much less it scores than the best that can be compared."""
    points = losses_and_scores(board, board.task)
    if len(points) < 2:
        return None
    lowest = min(points, key=lambda point: point[1])
    return lowest[0], max(value for _, _, value in points) - lowest[2]


def _metrics(board: Leaderboard, task: str) -> Sequence[str]:
    scores = [score_of(row.result.scores, task) for row in board.ranked]
    names = dict.fromkeys(name for score in scores if score for name in score.metrics)
    return sorted(names, key=lambda name: name != board.ranking)


def _proxy(board: Leaderboard, task: str, name: str) -> Proxy:
    points = losses_and_scores(board, task, name)
    by_method = {m: [point for point in points if point[0].method == m] for m in board.methods}
    orders = {method: _agreement(method_points) for method, method_points in by_method.items()}
    nearest = sorted(points, key=lambda point: point[1])[: -(-len(points) // NEAREST)]
    return Proxy(
        task,
        name,
        _agreement(points),
        _agreement(points, [row.method for row, _, _ in points]),
        _agreement(nearest),
        {method: order for method, order in orders.items() if order},
        len(points),
    )


def _agreement(
    points: Sequence[tuple[LeaderboardRow, float, float]], strata: Sequence[str] | None = None
) -> Agreement | None:
    return agreement([-loss for _, loss, _ in points], [value for _, _, value in points], strata)


def _trust(order: Agreement | None) -> Trust:
    """Whether the whole interval of Spearman's correlation is on one side of ``ENOUGH``."""
    if order is None:
        return Trust.UNKNOWN
    low, high = order.spearman_interval
    return Trust.YES if low >= ENOUGH else Trust.NO if high < ENOUGH else Trust.UNKNOWN


def _metric(row: LeaderboardRow, task: str | None, name: str) -> float | None:
    return metric(score_of(row.result.scores, task), name)
