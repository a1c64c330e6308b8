"""How far two orders agree, against scipy."""

import numpy as np
import pytest
from scipy import stats

from astraios_ray.report.statistics.agreement import agreement


def test_the_same_order_agrees_wholly_and_the_reverse_not_at_all() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 7.0]
    same, reverse = agreement(values, [v**3 for v in values]), agreement(values, [-v for v in values])
    assert same is not None and same.spearman == pytest.approx(1) == same.kendall
    assert reverse is not None and reverse.spearman == pytest.approx(-1)
    assert same.spearman_interval == pytest.approx((1, 1))


def test_both_numbers_are_scipys_with_ties() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 9, 40), rng.integers(0, 9, 40)
    result = agreement(one.tolist(), other.tolist())
    assert result is not None and result.count == 40
    assert result.spearman == pytest.approx(stats.spearmanr(one, other).statistic)
    assert result.kendall == pytest.approx(stats.kendalltau(one, other).statistic)


def test_the_interval_narrows_with_more_trials() -> None:
    rng = np.random.default_rng(1)
    first = rng.normal(size=400)
    second = first + rng.normal(size=400)
    small, large = (
        agreement(first[:20].tolist(), second[:20].tolist()),
        agreement(first.tolist(), second.tolist()),
    )
    assert small is not None and large is not None

    def width(span: tuple[float, float]) -> float:
        return span[1] - span[0]

    assert width(large.spearman_interval) < 0.4 * width(small.spearman_interval)
    assert width(large.kendall_interval) < 0.4 * width(small.kendall_interval)


@pytest.mark.parametrize("one", [[1.0, 2.0, 3.0, 4.0], [1.0] * 9])
def test_too_few_or_constant_numbers_have_no_order(one: list[float]) -> None:
    assert agreement(one, list(range(len(one)))) is None


def test_within_strata_only_the_orders_of_each_count() -> None:
    rng = np.random.default_rng(2)
    strata = [name for name in "abcd" for _ in range(6)]
    far = [10.0 * "abcd".index(name) for name in strata]
    one, other = ((far + rng.normal(size=24)).tolist() for _ in range(2))
    pooled, within = agreement(one, other), agreement(one, other, strata)
    assert pooled is not None and pooled.spearman > 0.85
    assert within is not None and abs(within.spearman) < 0.5 and within.count == 24
    reverse = agreement(one, [10 * place - value for place, value in zip(far, one, strict=True)], strata)
    assert reverse is not None and reverse.spearman == pytest.approx(-1)


def test_one_stratum_is_the_agreement_of_all() -> None:
    rng = np.random.default_rng(3)
    one, other = rng.normal(size=(2, 12)).tolist()
    assert agreement(one, other, ["a"] * 12) == agreement(one, other)


def test_within_strata_kendall_counts_the_pairs_of_one_stratum() -> None:
    one, other = [1.0, 2.0, 3.0, 4.0, 9.0, 8.0, 7.0, 6.0], [1.0, 2.0, 3.0, 4.0, 0.0, 0.5, 0.2, 0.1]
    within = agreement(one, other, ["a"] * 4 + ["b"] * 4)
    assert within is not None and within.kendall == pytest.approx(
        (6 + 3 - 3) / 12
    )  # of b half the pairs agree


def test_a_trial_alone_in_its_stratum_says_nothing() -> None:
    numbers = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert agreement(numbers, numbers, list("abcdef")) is None
    assert agreement(numbers, numbers, list("aaabbb")) is None  # six pairs say too little
    alone = agreement([*numbers, 7.0], [*numbers, -7.0], ["a"] * 6 + ["b"])
    assert alone is not None and alone.spearman == pytest.approx(1) and alone.count == 6
