"""How much must be measured."""

import numpy as np
import pytest

from astraios_ray.report.statistics.power import smallest_difference, trials_to_tell


def test_the_smallest_difference_is_found_in_four_of_five_cases() -> None:
    least = smallest_difference(0.03)
    means = np.random.default_rng(0).normal(least, 0.3 / 10, 20_000)
    assert np.mean(means > 1.96 * 0.3 / 10) == pytest.approx(0.8, abs=0.01)


def test_four_times_the_problems_halve_it() -> None:
    assert smallest_difference(0.015) == pytest.approx(smallest_difference(0.03) / 2)


def test_a_correlation_near_the_threshold_needs_more_trials() -> None:
    near, far = trials_to_tell(0.65, 0.5), trials_to_tell(0.95, 0.5)
    assert near is not None and far is not None and near > 50 > 10 > far
    assert trials_to_tell(0.51, 0.5) is None
