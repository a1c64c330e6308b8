"""Intervals of pass@1, against known answers and by simulation."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy import optimize, stats

from astraios_ray.evaluation.mean_interval import mean_interval, unit_totals, wilson

STUDIES = 400
TOLERANCE = 3 * math.sqrt(0.93 * 0.07 / STUDIES)  # of a simulated share
WITHIN = 0.6  # correlation of the problems of one unit, as measured on the primer


def chances_of(
    rng: np.random.Generator, mean: float, spread: float, problems: int, size: int
) -> npt.NDArray[np.float64]:
    """[studies, problems]: how often each problem is solved; ``size`` neighbours belong together."""
    normal = np.random.default_rng(0).normal(size=50_000)
    middle = optimize.brentq(lambda at: (1 / (1 + np.exp(-at - spread * normal))).mean() - mean, -80, 80)
    units = rng.normal(size=(STUDIES, problems // size)).repeat(size, axis=1)
    mixed = math.sqrt(WITHIN) * units + math.sqrt(1 - WITHIN) * rng.normal(size=(STUDIES, problems))
    return np.asarray(1 / (1 + np.exp(-middle - spread * mixed)))


@pytest.mark.parametrize(("problems", "size"), [(40, 1), (40, 2), (164, 1), (164, 4)])
@pytest.mark.parametrize("samples", [1, 20])
def test_intervals_hold_the_truth_near_the_ends_too(problems: int, size: int, samples: int) -> None:
    rng, units = np.random.default_rng(problems + samples), [str(n // size) for n in range(problems)]
    for mean in (0.02, 0.1, 0.5, 0.98):
        for spread in (0.5, 3.0, 5.0):
            shares = rng.binomial(samples, chances_of(rng, mean, spread, problems, size)) / samples
            limits = np.array([mean_interval(row, units) for row in shares.tolist()])
            held = ((limits[:, 0] <= mean) & (mean <= limits[:, 1])).mean()
            assert held >= 0.93 - TOLERANCE, (mean, spread, held)


def test_an_interval_holds_the_mean_and_comes_again() -> None:
    values = [0.0, 0.1, 0.5, 0.9, 1.0, 0.3] * 5
    low, high = mean_interval(values)
    assert 0 < low < math.fsum(values) / 30 < high < 1
    assert mean_interval(values) == (low, high)


def test_it_has_the_width_of_its_standard_error() -> None:
    low, high = mean_interval([0.0] * 50 + [1.0] * 50)
    assert high - low == pytest.approx(2 * 1.98 * 0.05, rel=0.05)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_where_all_problems_agree_it_is_nearly_wilsons(value: float) -> None:
    low, high = mean_interval([value] * 164)
    assert (low, high) == pytest.approx(wilson(value, 164), abs=1e-3)
    assert high - low > np.subtract(*wilson(value, 164)[::-1])


def test_copies_of_a_problem_add_nothing() -> None:
    values = [1.0, 0.0, 0.4, 0.0, 1.0, 0.2, 0.9, 0.1]
    copies, units = [value for value in values for _ in range(3)], [str(n // 3) for n in range(24)]
    assert mean_interval(copies, units) == pytest.approx(mean_interval(values))
    assert np.ptp(mean_interval(copies)) < np.ptp(mean_interval(values))


def test_of_one_unit_nothing_is_known() -> None:
    assert mean_interval([0.4]) == mean_interval([1.0, 1.0], ["a", "a"]) == (0.0, 1.0)


def test_totals_are_by_unit_in_order() -> None:
    assert unit_totals([1.0, 2.0, 4.0], ["b", "a", "b"]).tolist() == [5.0, 2.0]
    assert unit_totals([1.0, 2.0], None).tolist() == [1.0, 2.0]


@pytest.mark.parametrize("count", [1, 2, 3, 10, 164, 1000])
def test_wilsons_interval_of_whole_counts_is_scipys(count: int) -> None:
    for solved in {0, 1, count // 3, count // 2, count - 1, count}:
        expected = stats.binomtest(solved, count).proportion_ci(0.95, method="wilson")
        assert wilson(solved / count, count) == pytest.approx((expected.low, expected.high), abs=1e-15)
