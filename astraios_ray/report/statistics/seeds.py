"""The mean over training seeds of one configuration, with an interval that includes their variance."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, variance

from scipy import optimize, stats

from astraios_ray.report.statistics.power import LEVEL

LEAST = 1e-12  # the smallest p-value that is computed
Error = tuple[float, int]  # an independent error of a sum: its variance, and its degrees of freedom


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


def half_width(errors: Sequence[Error], level: float = LEVEL) -> float:
    """The half width of the interval of a sum of errors: the root of their summed squared half widths.

    Each error has Student's quantile of its own degrees of freedom, which holds at three seeds where pooled
    ones (Satterthwaite) fall below 92 %. The method of variance estimates recovery, Zou and Donner 2008
    (Statistics in Medicine 27).
    """
    return sqrt(sum(float(stats.t.ppf(1 - level / 2, max(1, free))) ** 2 * size for size, free in errors))


def seeds_p_value(gap: float, errors: Sequence[Error]) -> float:
    """How often luck alone takes ``gap`` as far from zero: the level whose interval just reaches zero."""
    if not gap:
        return 1.0
    if half_width(errors, LEAST) <= abs(gap):
        return LEAST
    return float(optimize.brentq(lambda level: half_width(errors, level) - abs(gap), LEAST, 1.0))
