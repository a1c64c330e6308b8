"""The luck of training seeds: what it adds to the error of a score, measured or assumed."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, variance

from scipy import stats

from astraios_ray.report.statistics.independent_errors import Error, half_width
from astraios_ray.report.statistics.power import LEVEL

# Of a score of one half, measured on the quickstart (docs/report.md, "Seeds"): standard deviations
SEED_SPREAD = 0.03  # between training seeds of one configuration
TUNING_SPREAD = 0.015  # between the configurations that another search of the same method would choose
FREEDOM = 20  # degrees of freedom of their squares: other models and data may differ by as much


def spread(values: Sequence[float]) -> float:
    """The standard deviation between seeds; of two or more."""
    return sqrt(variance(values))


def luck_of_two(repeats: Sequence[Sequence[float]]) -> float:
    """By how much two seeds of one configuration differ at most, in 95 % of cases.

    ``repeats``: the values of each configuration's seeds, two or more; their variances are pooled.
    """
    free = [len(values) - 1 for values in repeats]
    pooled = sum(variance(values) * each for values, each in zip(repeats, free, strict=True)) / sum(free)
    return float(stats.t.ppf(1 - LEVEL / 2, sum(free))) * sqrt(2 * pooled)


def assumed_variance(share: float) -> float:
    """The variance between training seeds of a score of ``share``, where it is not measured."""
    return _variance(share, SEED_SPREAD)


def method_errors(share: float, means: Sequence[float], excess: float) -> tuple[Error, Error]:
    """What one search of a method adds to the error of its score ``share``: luck of tuning and of seeds.

    ``means`` has a score per seed; empty: one training run. The variance of few is hardly known, so it is
    moderated by the assumed one, which counts like ``FREEDOM`` more of them (Smyth 2004, *Statistical
    Applications in Genetics and Molecular Biology* 3). ``excess`` multiplies the assumed one, where the
    seeds of other models vary more.
    """
    assumed, free = excess * assumed_variance(share), max(0, len(means) - 1)
    measured = variance(means) if free else 0.0
    moderated = (FREEDOM * assumed + free * measured) / (FREEDOM + free)
    return _tuning(share), (moderated / max(1, len(means)), FREEDOM + free)


def expected_errors(share: float, seeds: int) -> tuple[Error, Error]:
    """``method_errors`` of so many seeds, if they vary as is assumed; 0: one training run."""
    return _tuning(share), (assumed_variance(share) / max(1, seeds), FREEDOM + max(0, seeds - 1))


def _tuning(share: float) -> Error:
    return _variance(share, TUNING_SPREAD), FREEDOM


def _variance(share: float, spread: float) -> float:
    """Of a score of ``share``, where one of one half has this spread."""
    return 4 * spread**2 * share * (1 - share)


def interval_over_seeds(
    values: Sequence[float], half_widths: Sequence[float], units: int
) -> tuple[float, float]:
    """The 95 % interval of the mean of ``values``, one per seed.

    ``half_widths`` are those of the seeds' own 95 % intervals, over ``units`` of problems; empty where
    values have no error of their own, as losses on fixed rows. More seeds do not reduce the problems' part,
    since all seeds were asked the same problems. The spread between seeds already contains a part of the
    samples' variance, so where seeds hardly differ the interval is too wide, not too narrow.
    """
    problem_quantile = float(stats.t.ppf(1 - LEVEL / 2, max(1, units - 1)))
    within = (fmean(half_widths) / problem_quantile) ** 2 if half_widths else 0.0
    half = half_width([(within, units - 1), (variance(values) / len(values), len(values) - 1)])
    return fmean(values) - half, fmean(values) + half
