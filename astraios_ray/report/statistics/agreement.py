"""How far two orders of the same trials agree."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

RESAMPLES = 999
SEED = 0
FEWEST = 5  # trials; the order of fewer says nothing
FEWEST_WITHIN = 6  # trials beyond the first of each of several strata: chance alone orders fewer too often
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """Rank correlations from -1 to 1 with 95 % intervals. 1: the same order, 0: none."""

    spearman: float
    spearman_interval: tuple[float, float]
    kendall: float  # tau-b
    kendall_interval: tuple[float, float]
    count: int  # of pairs


def agreement(
    one: Sequence[float], other: Sequence[float], strata: Sequence[str] | None = None
) -> Agreement | None:
    """Rank agreement of two finite numbers per trial; None for fewer than 5 trials or a constant number.

    With ``strata``, one per trial, it is that of the orders within each: ranks are those among the trials of
    one stratum, less their mean, and pairs are of one stratum. Differences between strata do not count, and
    a trial alone in its stratum says nothing. Several strata need 6 trials beyond the first of each.

    The intervals are percentile bootstraps over the trials of each stratum (999 resamples, seeded). From 8
    trials on they cover the truth as often as Fisher's transformation does; at 5 to 7 trials they are wide.
    """
    first, second = np.asarray(one, float), np.asarray(other, float)
    groups = _places(strata or [""] * len(one))
    count = sum(map(len, groups))
    fewest = FEWEST - 1 if len(groups) < 2 else FEWEST_WITHIN
    if count - len(groups) < fewest or any(_constant(values, groups) for values in (first, second)):
        return None
    rng = np.random.default_rng(SEED)
    drawn = [group[rng.integers(0, len(group), (RESAMPLES, len(group)))] for group in groups]
    weights = np.stack([np.bincount(places, minlength=len(first)) for places in np.hstack(drawn)])
    pairs = _Pairs(_signs(first, groups), _signs(second, groups))
    return Agreement(
        float(_spearman([(first[group], second[group]) for group in groups])),
        _middle(_spearman([(first[places], second[places]) for places in drawn])),
        float(pairs.kendall(np.ones((1, len(first))))[0]),
        _middle(pairs.kendall(weights.astype(float))),
        count,
    )


def _places(strata: Sequence[str]) -> list[NDArray[np.intp]]:
    """The places of each stratum's trials, of strata with two or more."""
    names = np.asarray(strata)
    groups = [np.flatnonzero(names == name) for name in dict.fromkeys(strata)]
    return [group for group in groups if len(group) > 1]


def _constant(values: Numbers, groups: Sequence[NDArray[np.intp]]) -> bool:
    return all(len(set(values[group].tolist())) < 2 for group in groups)


def _spearman(strata: Sequence[tuple[Numbers, Numbers]]) -> Numbers:
    """Spearman's correlation of each row of the strata together. NaN where all are constant in a row."""
    products: Numbers = sum(_products(*stratum) for stratum in strata)  # type: ignore[assignment]  # of arrays
    both, first, second = products
    with np.errstate(invalid="ignore"):
        correlation: Numbers = both / np.sqrt(first * second)
    return correlation


def _products(one: Numbers, other: Numbers) -> Numbers:
    """Of the ranks in each row, less their mean: the sums of products, and of the squares of each."""
    first, second = (stats.rankdata(values, axis=-1) for values in (one, other))
    first, second = (ranks - ranks.mean(-1, keepdims=True) for ranks in (first, second))
    return np.stack([(first * second).sum(-1), (first**2).sum(-1), (second**2).sum(-1)])


def _signs(values: Numbers, groups: Sequence[NDArray[np.intp]]) -> Numbers:
    """The sign of each trial's difference to each other one of its stratum; 0 for others."""
    signs = np.zeros((len(values), len(values)))
    for group in groups:
        signs[np.ix_(group, group)] = np.sign(values[group, None] - values[group])
    return signs


@dataclass(frozen=True)
class _Pairs:
    """The signs of the differences of each two trials, of two numbers; 0 where a pair does not count."""

    one: Numbers
    other: Numbers

    def kendall(self, weights: Numbers) -> Numbers:
        """Tau-b of the trials, each as often as a row of ``weights`` says. NaN where a row has only ties."""

        def total(signs: Numbers) -> Numbers:
            pairs: Numbers = ((weights @ signs) * weights).sum(-1)
            return pairs

        with np.errstate(invalid="ignore"):
            return total(self.one * self.other) / np.sqrt(total(np.abs(self.one)) * total(np.abs(self.other)))


def _middle(values: Numbers) -> tuple[float, float]:
    """The bounds of the middle 95 % of the values that are not NaN."""
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return float(low), float(high)
