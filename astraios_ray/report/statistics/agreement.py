"""How far two orders of the same trials agree."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

RESAMPLES = 999
SEED = 0
FEWEST = 5  # pairs; the order of fewer says nothing
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """Rank correlations from -1 to 1 with 95 % intervals. 1: the same order, 0: none."""

    spearman: float
    spearman_interval: tuple[float, float]
    kendall: float  # tau-b
    kendall_interval: tuple[float, float]
    count: int  # of pairs


def agreement(one: Sequence[float], other: Sequence[float]) -> Agreement | None:
    """Rank agreement of two finite numbers per trial; None for fewer than 5 trials or a constant number.

    The intervals are percentile bootstraps over trials (999 resamples, seeded). From 8 trials on they cover
    the truth as often as Fisher's transformation does; at 5 to 7 trials they are wide.
    """
    first, second = np.asarray(one, float), np.asarray(other, float)
    if len(first) < FEWEST or _constant(first) or _constant(second):
        return None
    resamples = np.random.default_rng(SEED).integers(0, len(first), (RESAMPLES, len(first)))
    weights = np.stack([np.bincount(resample, minlength=len(first)) for resample in resamples]).astype(float)
    single = np.ones((1, len(first)))
    return Agreement(
        float(_spearman(first, second)),
        _middle(_spearman(first[resamples], second[resamples])),
        float(_kendall(first, second, single)[0]),
        _middle(_kendall(first, second, weights)),
        len(first),
    )


def _constant(values: Numbers) -> bool:
    return len(set(values.tolist())) < 2


def _spearman(one: Numbers, other: Numbers) -> Numbers:
    """Spearman's correlation of each row. NaN where a row is constant, as in a few resamples."""
    first, second = (stats.rankdata(values, axis=-1) for values in (one, other))
    first, second = (ranks - ranks.mean(-1, keepdims=True) for ranks in (first, second))
    with np.errstate(invalid="ignore"):
        correlation: Numbers = (first * second).sum(-1) / np.sqrt((first**2).sum(-1) * (second**2).sum(-1))
    return correlation


def _kendall(one: Numbers, other: Numbers, weights: Numbers) -> Numbers:
    """Tau-b of the trials, each as often as a row of ``weights`` says. NaN where a row has only ties."""
    first, second = (np.sign(values[:, None] - values[None, :]) for values in (one, other))

    def pairs(signs: Numbers) -> Numbers:
        total: Numbers = ((weights @ signs) * weights).sum(-1)
        return total

    with np.errstate(invalid="ignore"):
        return pairs(first * second) / np.sqrt(pairs(np.abs(first)) * pairs(np.abs(second)))


def _middle(values: Numbers) -> tuple[float, float]:
    """The bounds of the middle 95 % of the values that are not NaN."""
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return float(low), float(high)
