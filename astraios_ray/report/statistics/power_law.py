"""A power law through a few sizes: how fast a loss falls, how certain that is, and a prediction."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from scipy import stats

from astraios_ray.report.statistics.power import LEVEL

Interval = tuple[float, float]


@dataclass(frozen=True)
class Prediction:
    """A predicted loss. ``interval`` holds the measured one in 95 % of cases; None for two sizes."""

    value: float
    interval: Interval | None


@dataclass(frozen=True)
class PowerLaw:
    """``loss = factor * size ** -exponent``, fitted on logarithms by least squares.

    The form of Kaplan et al. 2020 (arXiv 2001.08361, equation 1.1), without a floor that no size gets below:
    a third parameter cannot be estimated from three or four sizes. Intervals are Student's, 95 %, for errors
    that are independent and of one relative size; None for two sizes, which a line fits exactly.
    """

    exponent: float
    exponent_interval: Interval | None
    factor: float
    sizes: tuple[float, ...]
    scatter: float | None  # standard deviation of the logarithms around the line

    def at(self, size: float) -> Prediction:
        """The loss of one more model of ``size``, with its own scatter in the interval."""
        value = self.factor * size**-self.exponent
        if self.scatter is None:
            return Prediction(value, None)
        log_sizes = np.log(self.sizes)
        leverage = (log(size) - log_sizes.mean()) ** 2 / ((log_sizes - log_sizes.mean()) ** 2).sum()
        half = _quantile(len(log_sizes)) * self.scatter * sqrt(1 + 1 / len(log_sizes) + leverage)
        return Prediction(value, (value * exp(-half), value * exp(half)))


def power_law(sizes: Sequence[float], losses: Sequence[float]) -> PowerLaw | None:
    """The law through positive losses at positive sizes; None for fewer than two different sizes."""
    if len(set(sizes)) < 2:
        return None
    log_sizes, log_losses = np.log(np.asarray(sizes, float)), np.log(np.asarray(losses, float))
    line = stats.linregress(log_sizes, log_losses)
    exponent, factor = -float(line.slope), exp(float(line.intercept))
    freedom = len(log_sizes) - 2
    if not freedom:
        return PowerLaw(exponent, None, factor, tuple(map(float, sizes)), None)
    half = _quantile(len(log_sizes)) * float(line.stderr)
    residuals = log_losses - line.intercept - line.slope * log_sizes
    scatter = sqrt(float((residuals**2).sum()) / freedom)
    return PowerLaw(exponent, (exponent - half, exponent + half), factor, tuple(map(float, sizes)), scatter)


def _quantile(count: int) -> float:
    return float(stats.t.ppf(1 - LEVEL / 2, count - 2))
