"""Compute pass@k and its interval from verdicts."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from astraios_ray.evaluation.mean_interval import mean_interval
from astraios_ray.records import Outcome, Verdict

PASS_AT = (1, 10)


@dataclass(frozen=True)
class Metric:
    """One value of a score, from 0 to 1, with its interval."""

    value: float
    interval: tuple[float, float] | None  # 95 %
    count: int  # of the problems, or of what the metric's name says, that the mean is over


@dataclass(frozen=True)
class Tally:
    """The counts of one problem's samples."""

    passed: int
    samples: int


def passed_at(verdicts: Sequence[Verdict], ks: Sequence[int] = PASS_AT) -> dict[str, Metric]:
    """``pass_at_<k>`` for each k that all problems have samples for."""
    tallies, units = list(tally(verdicts).values()), units_of(verdicts)
    fewest = min(counts.samples for counts in tallies)
    by_k = {f"pass_at_{k}": solved_by_any(tallies, k) for k in ks if k <= fewest}
    return {name: mean_of(values, units) for name, values in by_k.items()}


def mean_of(values: Sequence[float], units: Sequence[str] | None = None) -> Metric:
    """The mean of values from 0 to 1, one per problem. ``units``: what each belongs to; None: to itself."""
    return Metric(math.fsum(values) / len(values), mean_interval(values, units), len(values))


def units_of(verdicts: Iterable[Verdict]) -> list[str]:
    """The unit of each problem, in the order of ``tally``."""
    return list({v.problem: v.unit for v in verdicts if v.outcome is not Outcome.UNSCORED}.values())


def tally(verdicts: Iterable[Verdict]) -> dict[str, Tally]:
    """Samples and passed samples per problem, in the order of first appearance, the unscored left out."""
    passed: dict[str, list[bool]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.outcome is not Outcome.UNSCORED:
            passed[verdict.problem].append(verdict.outcome is Outcome.PASSED)
    return {problem: Tally(sum(samples), len(samples)) for problem, samples in passed.items()}


def pass_at_k(tallies: Sequence[Tally], k: int) -> float:
    """The chance that one of ``k`` samples solves a problem, averaged over problems. From 0 to 1.

    The unbiased estimator of Chen et al. 2021 (arXiv 2107.03374, section 2.1). Raises ValueError when a
    problem has fewer than ``k`` samples, or when there is no problem.
    """
    return math.fsum(solved_by_any(tallies, k)) / len(tallies)


def solved_by_any(tallies: Sequence[Tally], k: int) -> list[float]:
    """Per problem: one minus the chance that ``k`` of its samples, drawn without replacement, all fail."""
    if not tallies or k < 1 or k > min(tally.samples for tally in tallies):
        fewest = min((tally.samples for tally in tallies), default=0)
        raise ValueError(f"pass@{k} of {len(tallies)} problems with {fewest} samples or more.")
    return [_any_of(tally, k) for tally in tallies]


def _any_of(tally: Tally, k: int) -> float:
    failed = tally.samples - tally.passed
    # exact integers, since binomials of floats lose digits from about 60 samples on
    return 1.0 - math.comb(failed, k) / math.comb(tally.samples, k)
