import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from astraios_ray.evaluation.metrics import Tally, interval, pass_at_k, solved_by_any, wilson


@pytest.mark.parametrize(
    ("passed", "samples", "k", "expected"),
    [
        (0, 20, 1, 0.0),
        (5, 20, 1, 0.25),
        (20, 20, 10, 1.0),
        (1, 20, 10, 0.5),
        (3, 5, 2, 0.9),  # 1 - C(2, 2) / C(5, 2)
        (2, 10, 5, 1 - 2 / 9),  # 1 - C(8, 5) / C(10, 5)
        (1, 200, 100, 0.5),
    ],
)
def test_pass_at_k_is_the_unbiased_estimate(passed: int, samples: int, k: int, expected: float) -> None:
    assert pass_at_k([Tally(passed, samples)], k) == pytest.approx(expected, abs=1e-15)


@given(st.integers(1, 400), st.data())
def test_it_equals_the_product_of_the_paper(samples: int, data: st.DataObject) -> None:
    passed = data.draw(st.integers(0, samples))
    k = data.draw(st.integers(1, samples))
    failing = Fraction(1)
    for n in range(samples - passed + 1, samples + 1):
        failing *= 1 - Fraction(k, n)
    expected = 1 - float(failing) if samples - passed >= k else 1.0
    assert solved_by_any([Tally(passed, samples)], k)[0] == pytest.approx(expected, abs=1e-12)


def test_it_is_a_mean_over_problems() -> None:
    assert pass_at_k([Tally(0, 4), Tally(4, 4), Tally(2, 4)], 1) == 0.5


@pytest.mark.parametrize("tallies", [[], [Tally(1, 9), Tally(1, 10)]])
def test_too_few_samples_or_problems_are_no_number(tallies: list[Tally]) -> None:
    with pytest.raises(ValueError, match="pass@10"):
        pass_at_k(tallies, 10)


def test_an_interval_holds_the_mean_and_comes_again() -> None:
    values = [0.0, 0.1, 0.5, 0.9, 1.0, 0.3] * 5
    low, high = interval(values)
    assert 0 < low < math.fsum(values) / 30 < high < 1
    assert interval(values) == (low, high)


def test_a_bootstrap_interval_has_the_width_of_its_standard_error() -> None:
    low, high = interval([0.0] * 50 + [1.0] * 50)
    assert high - low == pytest.approx(2 * 1.96 * 0.05, rel=0.05)


@pytest.mark.parametrize(
    ("value", "count", "expected"),
    [(0.0, 40, (0.0, 0.0876)), (1.0, 40, (0.9124, 1.0)), (1.0, 1, (0.2065, 1.0))],
)
def test_where_all_problems_agree_the_interval_is_wilsons(
    value: float, count: int, expected: tuple[float, float]
) -> None:
    assert interval([value] * count) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 164, 1000])
def test_wilsons_interval_of_whole_counts_is_scipys(count: int) -> None:
    for solved in {0, 1, count // 3, count // 2, count - 1, count}:
        expected = stats.binomtest(solved, count).proportion_ci(0.95, method="wilson")
        assert wilson(solved / count, count) == pytest.approx((expected.low, expected.high), abs=1e-15)


def test_problems_that_agree_on_a_share_of_their_samples_have_an_interval() -> None:
    low, high = interval([1 / 20] * 10)  # 0.5 problems of 10, which is no whole count
    assert interval([0.0] * 10)[1] < high < interval([0.1] * 10)[1]
    assert 0 < low < 1 / 20
