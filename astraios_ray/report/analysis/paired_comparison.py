"""Pairwise comparison: the best trials of every two methods, tested on the same problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations
from statistics import fmean, median, variance

from scipy import stats

from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, score_of
from astraios_ray.report.analysis.scored_models import BASE
from astraios_ray.report.statistics.paired import Difference, difference
from astraios_ray.report.statistics.power import LEVEL, smallest_difference
from astraios_ray.report.statistics.seeds import seeds_p_value


class PairVerdict(StrEnum):
    """What a test says of one method beside another."""

    BETTER = "better"
    TIE = "tie"
    WORSE = "worse"

    @property
    def turned(self) -> "PairVerdict":
        """The verdict with the two methods exchanged."""
        return {PairVerdict.BETTER: PairVerdict.WORSE, PairVerdict.WORSE: PairVerdict.BETTER}.get(self, self)


@dataclass(frozen=True)
class Contender:
    """The trial that represents a method: the best of its ``choices`` scored trials."""

    name: str
    trial: str  # empty for the untuned base
    solved: Mapping[str, float]
    choices: int = 1
    seeds: tuple[float, ...] = ()  # of each repeat: the mean of ``solved``; empty for one training run
    groups: Mapping[str, str] = field(default_factory=dict)  # of the problems that belong to one


@dataclass(frozen=True)
class Pair:
    """Two contenders and their difference. ``p_value`` is corrected for choices and for all pairs."""

    one: Contender
    other: Contender
    difference: Difference
    p_value: float

    @property
    def verdict(self) -> PairVerdict:
        """What the test says of ``one`` beside ``other``, at a level of 5 %."""
        if self.p_value > LEVEL or not self.difference.mean:
            return PairVerdict.TIE
        return PairVerdict.BETTER if self.difference.mean > 0 else PairVerdict.WORSE


def sides(board: Leaderboard) -> tuple[Contender, ...]:
    """The contender of every method whose score records its problems, the best first."""
    rows = [row for row in board.scored if row.score and row.score.solved]
    best: dict[str, LeaderboardRow] = {}
    for row in rows:
        best.setdefault(row.method, row)
    choices = {method: sum(row.method == method for row in rows) for method in best}
    return tuple(_side(row, choices[method]) for method, row in best.items())


def pairs(board: Leaderboard) -> tuple[Pair, ...]:
    """Each two methods, in the order of rank. Empty with fewer than two."""
    return verdicts(list(combinations(sides(board), 2)))


def gains(board: Leaderboard) -> tuple[Pair, ...]:
    """Each method against the untuned base, in the order of rank. Empty where that was not scored."""
    if board.base is None or not board.base.solved:
        return ()
    base = Contender(BASE, "", board.base.solved, groups=board.base.groups)
    return verdicts([(side, base) for side in sides(board)])


def within(board: Leaderboard, method: str) -> tuple[Pair, ...]:
    """The best scored trial of one method beside each of its others."""
    rows = [row for row in board.scored if row.method == method and row.score and row.score.solved]
    contenders = [_side(row, len(rows)) for row in rows]
    return verdicts([(contenders[0], rival) for rival in contenders[1:]])


def verdicts(couples: Sequence[tuple[Contender, Contender]]) -> tuple[Pair, ...]:
    """A verdict on each couple with common problems; all of them are one family of tests.

    A method's best was chosen by the very scores that are tested, and the best of many is partly best by
    luck. So each p-value is multiplied by the number of trials that the side ahead was chosen from
    (Bonferroni). The other side's number does not matter, since its luck only makes the gap smaller. Over all
    couples the share of false verdicts is then held at 5 % (Benjamini and Hochberg 1995).
    """
    candidates = [
        (one, other, difference(one.solved, other.solved, {**other.groups, **one.groups}))
        for one, other in couples
    ]
    comparisons = [(one, other, gap) for one, other, gap in candidates if gap]
    if not comparisons:
        return ()
    p_values = [
        min(1.0, _p_value(one, other, gap) * (one if gap.mean > 0 else other).choices)
        for one, other, gap in comparisons
    ]
    adjusted = stats.false_discovery_control(p_values).tolist()
    return tuple(
        Pair(*comparison, p_value) for comparison, p_value in zip(comparisons, adjusted, strict=True)
    )


def _p_value(one: Contender, other: Contender, gap: Difference) -> float:
    """The p-value over units of problems; where seeds were repeated, the larger of it and that over seeds.

    A side that was not repeated is assumed to vary with its seed as the other does.
    """
    varies = [variance(side.seeds) for side in (one, other) if side.seeds]
    if not varies:
        return gap.p_value
    parts = [(gap.error**2, gap.units - 1)]
    for side in (one, other):
        seed_variance = variance(side.seeds) if side.seeds else max(varies)
        parts.append((seed_variance / max(1, len(side.seeds)), max(1, len(side.seeds) - 1)))
    return max(gap.p_value, seeds_p_value(gap.mean, parts))


def resolution(comparisons: Sequence[Pair]) -> float | None:
    """The difference that one test finds in 80 % of cases, as a fraction: of the middle pair.

    None without a pair whose problems differ.
    """
    least = [smallest_difference(pair.difference.error) for pair in comparisons if pair.difference.error]
    return median(least) if least else None


def _side(row: LeaderboardRow, choices: int) -> Contender:
    assert row.score is not None
    scores = [score_of(repeat.scores, row.score.evaluator) for repeat in row.seeds]
    shares = tuple(fmean(score.solved.values()) for score in scores if score and score.solved)
    seeds = shares if row.score.seeds > 1 else ()
    return Contender(row.method, row.trial, row.score.solved, choices, seeds, row.score.groups)
