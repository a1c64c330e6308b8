"""Sums of independent errors, of each of which the variance is known with its own degrees of freedom."""

from collections.abc import Sequence
from math import sqrt

from scipy import optimize, stats
from scipy.special import stdtrit

from astraios_ray.report.statistics.power import LEVEL, POWER

LEAST = 1e-12  # the smallest p-value that is computed
Error = tuple[float, float]  # its variance, and the degrees of freedom of that


def half_width(errors: Sequence[Error], level: float = LEVEL) -> float:
    """The half width of the interval of a sum of errors: the root of their summed squared half widths.

    Each error has Student's quantile of its own degrees of freedom, which holds at three seeds where pooled
    ones (Satterthwaite) fall below 92 %. The method of variance estimates recovery, Zou and Donner 2008
    (Statistics in Medicine 27).
    """
    return sqrt(sum(float(stdtrit(max(1, free), level / 2)) ** 2 * size for size, free in errors))


def gap_p_value(gap: float, errors: Sequence[Error]) -> float:
    """How often luck alone takes ``gap`` as far from zero: the level whose interval just reaches zero."""
    if not gap:
        return 1.0
    if half_width(errors, LEAST) <= abs(gap):
        return LEAST
    return float(optimize.brentq(lambda level: half_width(errors, level) - abs(gap), LEAST, 1.0))


def smallest_difference(errors: Sequence[Error]) -> float:
    """The difference that one test at 5 % finds in 80 % of cases, in the unit of the errors' roots.

    Several tests at once need more.
    """
    return half_width(errors) + float(stats.norm.ppf(POWER)) * sqrt(sum(size for size, _ in errors))
