"""Power laws with planted exponents."""

import numpy as np
import pytest
from scipy import stats

from astraios_ray.report.statistics.power_law import power_law

SIZES = [1e5, 4e5, 9e5, 3.2e6]


def test_an_exact_law_is_found_again_and_followed() -> None:
    law = power_law(SIZES, [2 * size**-0.07 for size in SIZES])
    assert law is not None and law.exponent_interval is not None
    assert (law.exponent, law.factor) == pytest.approx((0.07, 2))
    assert law.exponent_interval == pytest.approx((0.07, 0.07))
    assert law.at(1e8).value == pytest.approx(2 * 1e8**-0.07)


def test_the_interval_of_the_exponent_is_the_textbooks() -> None:
    losses = [1.3, 1.12, 1.09, 0.98]
    law = power_law(SIZES, losses)
    log_sizes, log_losses = np.log(SIZES), np.log(losses)
    slope, _ = np.polyfit(log_sizes, log_losses, 1)
    residuals = log_losses - np.polyval(np.polyfit(log_sizes, log_losses, 1), log_sizes)
    error = np.sqrt((residuals**2).sum() / 2 / ((log_sizes - log_sizes.mean()) ** 2).sum())
    half = stats.t.ppf(0.975, 2) * error
    assert law is not None
    assert law.exponent_interval == pytest.approx((-slope - half, -slope + half))


def test_two_sizes_make_a_line_and_no_interval() -> None:
    law = power_law([1e6, 1e7], [1.0, 0.8])
    assert law is not None and law.exponent_interval is None
    assert law.at(1e8).value == pytest.approx(0.64) and law.at(1e8).interval is None


@pytest.mark.parametrize("sizes", [[], [1e6], [1e6, 1e6]])
def test_one_size_is_no_law(sizes: list[float]) -> None:
    assert power_law(sizes, [1.0] * len(sizes)) is None


def coverage(sizes: list[float], count: int, at: float = 1.5e7) -> tuple[float, float]:
    """Share of 95 % intervals that hold the planted exponent, and the loss of a larger model."""
    rng = np.random.default_rng(len(sizes))
    size_array = np.asarray(sizes)
    exponent_hits = loss_hits = 0
    for _ in range(count):
        law = power_law(sizes, (3 * size_array**-0.1 * np.exp(rng.normal(0, 0.02, len(sizes)))).tolist())
        assert law is not None and law.exponent_interval is not None
        exponent_hits += law.exponent_interval[0] <= 0.1 <= law.exponent_interval[1]
        span = law.at(at).interval
        assert span is not None
        loss_hits += span[0] <= 3 * at**-0.1 * np.exp(rng.normal(0, 0.02)) <= span[1]
    return exponent_hits / count, loss_hits / count


@pytest.mark.parametrize("sizes", [SIZES[:3], SIZES])
def test_intervals_hold_the_truth_in_95_of_a_hundred(sizes: list[float]) -> None:
    for share in coverage(sizes, 600):
        assert stats.binomtest(round(600 * share), 600, 0.95).pvalue > 0.001
