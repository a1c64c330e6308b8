"""Two models on the same problems: how far apart they are, and whether luck explains it."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from astraios_ray.evaluation.mean_interval import unit_totals

GRID = 1000  # steps from no sample passed to all; holds the shares of 1, 2, 4, 5, 8, 10, 20, 25, … samples
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """How much more one model solves than another. Shares from 0 to 1, differences from -1 to 1."""

    mean: float  # over the problems
    p_value: float  # two-sided, of no difference
    problems: int  # that both were asked
    units: int  # independent ones among these problems: groups, and problems that stand alone
    error: float  # standard error of ``mean``


def difference(
    one: Mapping[str, float], other: Mapping[str, float], groups: Mapping[str, str] | None = None
) -> Difference | None:
    """``one`` minus ``other``, each problem -> share of its samples passed; None without two common units.

    ``groups`` are those of problems that belong to one. The units are the random sample, so that the answer
    holds for other problems of their kind (clustered errors: Miller 2024, arXiv 2411.00640).
    """
    common, groups = [problem for problem in one if problem in other], groups or {}
    gaps = [one[problem] - other[problem] for problem in common]
    totals = unit_totals(gaps, units := [groups.get(problem, problem) for problem in common])
    if len(totals) < 2:
        return None
    mean = float(np.mean(gaps))
    residuals = unit_totals([gap - mean for gap in gaps], units)
    error = sqrt(float((residuals**2).sum()) * len(totals) / (len(totals) - 1)) / len(gaps)
    return Difference(mean, p_value(totals), len(common), len(totals), error)


def p_value(differences: Numbers) -> float:
    """How often luck alone makes a sum at least as far from zero, given one difference per unit.

    The paired permutation test: without a difference between the models, every unit's could as well
    have the other sign (Fisher 1935, *The Design of Experiments*, section 21). All combinations of signs are
    counted, so it is exact; with one sample per problem it is McNemar's exact test. Differences are taken in
    steps of a thousandth.
    """
    steps = np.rint(differences * GRID).astype(int)
    if not steps.any():
        return 1.0
    steps //= np.gcd.reduce(np.abs(steps))
    chances, furthest = np.ones(1), 0  # of every sum from -furthest to furthest, each second one
    for step in np.abs(steps[steps != 0]).tolist():
        extended = np.zeros(len(chances) + step)
        extended[: len(chances)] += chances / 2
        extended[step:] += chances / 2
        chances, furthest = extended, furthest + step
    sums = 2 * np.arange(len(chances)) - furthest
    return min(1.0, float(chances[np.abs(sums) >= abs(int(steps.sum()))].sum()))
