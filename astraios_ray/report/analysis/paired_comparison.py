"""Pairwise comparison: the best trials of every two methods, tested on the same problems."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations
from statistics import fmean, median, variance

from scipy import stats

from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, score_of
from astraios_ray.report.analysis.scored_models import BASE
from astraios_ray.report.statistics.independent_errors import (
    Error,
    gap_p_value,
    half_width,
    smallest_difference,
)
from astraios_ray.report.statistics.paired import Difference, difference
from astraios_ray.report.statistics.power import LEVEL
from astraios_ray.report.statistics.seeds import assumed_variance, method_errors


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
    trials: int = 1  # of its method, scored or not: the best of more is tuned better, and luckier
    seeds: tuple[float, ...] = ()  # of each repeat: the mean of ``solved``; empty for one training run
    groups: Mapping[str, str] = field(default_factory=dict)  # of the problems that belong to one
    highest: float = 1.0  # the mean of ``solved`` of a model that solves everything

    @property
    def share(self) -> float:
        """The mean score, from 0 to 1."""
        return fmean(self.solved.values()) / self.highest


@dataclass(frozen=True)
class Pair:
    """Two contenders and their difference. ``p_value`` is corrected for choices and for all pairs."""

    one: Contender
    other: Contender
    difference: Difference
    errors: tuple[Error, ...]  # of the difference: the luck of problems and of training seeds
    p_value: float

    @property
    def verdict(self) -> PairVerdict:
        """What the test says of ``one`` beside ``other``, at a level of 5 %."""
        if self.p_value > LEVEL or not self.difference.mean:
            return PairVerdict.TIE
        return PairVerdict.BETTER if self.difference.mean > 0 else PairVerdict.WORSE

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the difference, of this one pair; None when all problems differ alike."""
        if not self.difference.error:
            return None
        mean, half = self.difference.mean, half_width(self.errors)
        return max(-1.0, mean - half), min(1.0, mean + half)

    @property
    def of_methods(self) -> bool:
        """Whether it speaks of methods: each was trained with several seeds. Else it speaks of models."""
        return all(side.seeds for side in (self.one, self.other) if side.trial)


def sides(board: Leaderboard) -> tuple[Contender, ...]:
    """The contender of every method whose score records its problems, the best first."""
    rows = [row for row in board.scored if row.score and row.score.solved]
    best: dict[str, LeaderboardRow] = {}
    for row in rows:
        best.setdefault(row.method, row)
    choices = Counter(row.method for row in rows)
    trials = trials_of(board)
    return tuple(_side(row, choices[method], trials[method]) for method, row in best.items())


def trials_of(board: Leaderboard) -> Counter[str]:
    """How many trials each method had, repeats left out."""
    return Counter(row.method for row in board.rows)


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
    return verdicts([(_side(rows[0], len(rows)), _side(row)) for row in rows[1:]])


def verdicts(couples: Sequence[tuple[Contender, Contender]]) -> tuple[Pair, ...]:
    """A verdict on each couple with common problems; all of them are one family of tests.

    The best of many is partly best by luck: of its trials by the luck of seeds and of tuning, of its scored
    ones by that of problems too. Where the side ahead was chosen from more trials than the other, or from
    more scored ones, its p-value is multiplied by the ratio, the larger of the two (Bonferroni over groups of
    as many trials as the other had). Equal numbers are equal luck. Over all couples the share of false
    verdicts is then held at 5 % (Benjamini and Hochberg 1995).
    """
    excess = _excess([side for couple in couples for side in couple])
    comparisons = [
        (one, other, gap, _errors(one, other, gap, excess))
        for one, other in couples
        if (gap := difference(one.solved, other.solved, {**other.groups, **one.groups}))
    ]
    if not comparisons:
        return ()
    p_values = [_p_value(*comparison) for comparison in comparisons]
    adjusted = stats.false_discovery_control(p_values).tolist()
    return tuple(
        Pair(*comparison, p_value) for comparison, p_value in zip(comparisons, adjusted, strict=True)
    )


def _p_value(one: Contender, other: Contender, gap: Difference, errors: Sequence[Error]) -> float:
    """The larger of the p-values over problems alone and with the luck of searches, times that of choices."""
    ahead, behind = (one, other) if gap.mean > 0 else (other, one)
    ratio = max(1.0, ahead.choices / behind.choices, ahead.trials / behind.trials)
    of_search = gap_p_value(gap.mean, errors) if one.trial or other.trial else 0.0
    return min(1.0, ratio * max(gap.p_value, of_search))


def _errors(one: Contender, other: Contender, gap: Difference, excess: float) -> tuple[Error, ...]:
    """The independent errors of a difference: over problems, and by the search for each tuned side."""
    of_search = [
        (size * side.highest**2, free)
        for side in (one, other)
        if side.trial
        for size, free in method_errors(side.share, [mean / side.highest for mean in side.seeds], excess)
    ]
    return (gap.error**2, gap.units - 1), *of_search


def _excess(contenders: Sequence[Contender]) -> float:
    """By how much these models vary more with their seeds than is assumed; 1 where they do not."""
    repeated = {(side.name, side.trial): side for side in contenders if side.seeds}.values()
    measured = sum(variance(side.seeds) / side.highest**2 for side in repeated)
    assumed = sum(assumed_variance(side.share) for side in repeated)
    return max(1.0, measured / assumed) if assumed else 1.0


def resolution(comparisons: Sequence[Pair]) -> float | None:
    """The difference that one test finds in 80 % of cases, as a fraction: of the middle pair.

    None without a pair whose problems differ.
    """
    least = [smallest_difference(pair.errors) for pair in comparisons if pair.difference.error]
    return median(least) if least else None


def _side(row: LeaderboardRow, choices: int = 1, trials: int = 1) -> Contender:
    assert row.score is not None
    scores = [score_of(repeat.scores, row.score.evaluator) for repeat in row.seeds]
    shares = tuple(fmean(score.solved.values()) for score in scores if score and score.solved)
    seeds = shares if row.score.seeds > 1 else ()
    return Contender(row.method, row.trial, row.score.solved, choices, trials, seeds, row.score.groups)
