"""The score of a model that was chosen for its score: how much of it is luck of the choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from astraios_ray.evaluation.mean_interval import Interval, mean_interval, unit_totals

RESAMPLES = 2000
SEED = 0


@dataclass(frozen=True)
class ChosenScore:
    """The winner's score without its expected luck. Shares from 0 to 1."""

    value: float
    interval: Interval  # 95 %
    optimism: float  # by how much the best of so many is expected to score too high
    models: int  # that it was chosen from


def chosen_score(
    shares: NDArray[np.float64], units: Sequence[str], interval: Interval | None = None
) -> ChosenScore:
    """The score of the best of ``shares`` [models, problems], each the share of a problem's samples passed.

    ``units``: what each problem belongs to. In each of 2,000 resamples of the units (seeded) the best model
    is chosen anew; by how much it looks better there than in the whole sample is, on average, the optimism
    (Efron 1983, Journal of the American Statistical Association 78). Score and interval are shifted by it.
    ``interval`` is the winner's, where it holds more than the luck of problems; None: of problems alone.
    """
    means, winner = shares.mean(1), int(shares.mean(1).argmax())
    totals = np.stack([unit_totals(row, units) for row in shares.tolist()])
    sizes = unit_totals([1.0] * len(units), units)
    weights = _resamples(len(sizes))
    resampled = (totals @ weights) / (sizes @ weights)  # [models, resamples]
    best = resampled.argmax(0)
    optimism = float((resampled[best, np.arange(len(best))] - means[best]).mean())
    optimism = max(0.0, optimism) if len(shares) > 1 else 0.0
    low, high = interval or mean_interval(shares[winner].tolist(), units)
    value = max(0.0, float(means[winner]) - optimism)
    return ChosenScore(value, (max(0.0, low - optimism), max(0.0, high - optimism)), optimism, len(shares))


@lru_cache(maxsize=1)
def _resamples(units: int) -> NDArray[np.float64]:
    """How often each unit is drawn in each resample, [units, resamples]."""
    rng = np.random.default_rng(SEED)
    return rng.multinomial(units, [1 / units] * units, size=RESAMPLES).T.astype(np.float64)
