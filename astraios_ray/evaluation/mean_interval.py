"""The 95 % interval of a mean of values from 0 to 1, some of which belong together."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PSEUDO_UNITS = 0.5  # added to the variance, half of it at 0 and half at 1
Interval = tuple[float, float]


def mean_interval(values: Sequence[float], units: Sequence[str] | None = None) -> Interval:
    """The interval of the mean of ``values``, one per problem. ``units``: what each belongs to; None: itself.

    Units are the random sample: problems of one unit rise and fall together (clustered errors, Miller 2024,
    arXiv 2411.00640). Wilson's interval (1927) at an effective number of units, with Student's quantile. The
    effective number is that of yes-or-no units with the variance of these; the variance has half a unit at 0
    and 1 added, since values near 0 or 1 show too little of it. Of a single unit nothing is known: (0, 1).
    """
    share = math.fsum(values) / len(values)
    from scipy.special import stdtrit  # lanes, who only write, do without scipy

    residuals = unit_totals([value - share for value in values], units)
    count = len(residuals)
    if count < 2:
        return 0.0, 1.0
    effective = _effective_units(share + residuals * count / len(values))
    return wilson(share, effective, float(stdtrit(count - 1, 0.975)))


def _effective_units(shares: NDArray[np.float64]) -> float:
    """How many yes-or-no units vary as much in their mean as these ``shares``, one per unit."""
    count = len(shares) + PSEUDO_UNITS
    centre = (shares.sum() + PSEUDO_UNITS / 2) / count
    squares = ((shares - centre) ** 2).sum() + PSEUDO_UNITS / 2 * (centre**2 + (1 - centre) ** 2)
    return float(centre * (1 - centre) * count * (count - 1) / squares)


def unit_totals(values: Sequence[float], units: Sequence[str] | None) -> NDArray[np.float64]:
    """The sum of the ``values`` of each unit, in the order of first appearance."""
    if units is None:
        return np.asarray(values, dtype=np.float64)
    places = {unit: place for place, unit in enumerate(dict.fromkeys(units))}
    totals = np.zeros(len(places))
    np.add.at(totals, [places[unit] for unit in units], values)
    return totals


def wilson(share: float, count: float, quantile: float = 1.959963984540054) -> Interval:
    """The interval of ``share`` of ``count`` by Wilson 1927; 95 % by default.

    scipy's takes whole counts only; a share here may be the mean of several samples of each problem.
    """
    square = quantile * quantile / count
    centre = (share + square / 2) / (1 + square)
    half = math.sqrt(square * share * (1 - share) + square * square / 4) / (1 + square)
    return max(0.0, centre - half), min(1.0, centre + half)
