"""Two models on the same problems: how far apart they are, and whether luck explains it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from astraios_ray.evaluation.metrics import bootstrapped

GRID = 1000  # steps from no sample passed to all; holds the shares of 1, 2, 4, 5, 8, 10, 20, 25, … samples
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """How much more one model solves than another. Shares from 0 to 1, differences from -1 to 1."""

    mean: float  # over the problems
    interval: tuple[float, float] | None  # 95 %, of this one pair; None when all problems differ alike
    p_value: float  # two-sided, of no difference
    problems: int  # that both were asked
    spread: float  # standard deviation over the problems


def difference(one: Mapping[str, float], other: Mapping[str, float]) -> Difference | None:
    """``one`` minus ``other``, each problem -> share of its samples passed; None without two common ones.

    The problems are the random sample, so that the answer holds for other problems of their kind.
    """
    common = [problem for problem in one if problem in other]
    if len(common) < 2:
        return None
    gaps = np.array([one[problem] - other[problem] for problem in common])
    return Difference(
        float(gaps.mean()), _interval(gaps), p_value(gaps), len(common), float(gaps.std(ddof=1))
    )


def p_value(differences: Numbers) -> float:
    """How often luck alone makes a mean at least as far from zero, given one difference per problem.

    The paired permutation test: without a difference between the models, every problem's could as well
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


def _interval(differences: Numbers) -> tuple[float, float] | None:
    """Percentile bootstrap over problems: both models answer the same resampled problems."""
    if len(set(differences.tolist())) < 2:
        return None
    return bootstrapped(differences.tolist())
