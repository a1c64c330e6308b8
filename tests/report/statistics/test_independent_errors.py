"""Sums of errors whose variances are known by their own degrees of freedom."""

import numpy as np
import pytest
from scipy import stats

from astraios_ray.report.statistics.independent_errors import gap_p_value, half_width, smallest_difference

SURE = 1e9  # degrees of freedom


def test_one_error_has_students_interval() -> None:
    values = np.random.default_rng(4).normal(size=60)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    error = (float(values.var(ddof=1)) / 60, 59)
    assert half_width([error]) == pytest.approx((expected.high - expected.low) / 2)
    assert gap_p_value(float(values.mean()), [error]) == pytest.approx(stats.ttest_1samp(values, 0).pvalue)


def test_the_smallest_difference_is_found_in_four_of_five_cases() -> None:
    least = smallest_difference([(0.03**2, SURE)])
    means = np.random.default_rng(0).normal(least, 0.3 / 10, 20_000)
    assert np.mean(means > 1.96 * 0.3 / 10) == pytest.approx(0.8, abs=0.01)


def test_a_quarter_of_the_variance_halves_it() -> None:
    assert smallest_difference([(0.03**2 / 4, SURE)]) == pytest.approx(
        smallest_difference([(0.03**2, SURE)]) / 2
    )


def test_an_error_that_is_hardly_known_widens_the_interval_by_its_own_quantile() -> None:
    hardly, surely = (0.02**2, 2), (0.03**2, SURE)
    expected = np.hypot(stats.t.ppf(0.975, 2) * 0.02, stats.norm.ppf(0.975) * 0.03)
    assert half_width([hardly, surely]) == pytest.approx(expected)
