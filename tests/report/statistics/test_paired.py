"""Two models on the same problems, against known answers."""

import numpy as np
import pytest
from scipy import stats

from astraios_ray.report.statistics.paired import difference, p_value


def solved(*shares: float) -> dict[str, float]:
    return {f"p{number}": share for number, share in enumerate(shares)}


def test_with_one_sample_per_problem_it_is_mcnemars_exact_test() -> None:
    # 8 problems only one model solves, 1 only the other: 2 * (1 + 9) / 2**9
    one, other = [1.0] * 8 + [0.0] + [1.0] * 20, [0.0] * 8 + [1.0] + [1.0] * 20
    gap = difference(solved(*one), solved(*other))
    assert gap is not None and gap.p_value == pytest.approx(20 / 512)
    assert gap.mean == pytest.approx(7 / 29) and gap.problems == 29


def test_equal_models_have_nothing_between_them() -> None:
    gap = difference(solved(0.5, 0.2, 1.0), solved(0.5, 0.2, 1.0))
    assert gap is not None and (gap.mean, gap.p_value, gap.error) == (0.0, 1.0, 0.0)


def test_few_problems_are_tried_with_every_sign() -> None:
    # of the eight signs of 0.5, 0.25, 0.25 two reach the sum of 1
    assert p_value(np.array([0.5, 0.25, 0.25])) == pytest.approx(2 / 8)


def test_it_is_scipys_permutation_test_with_all_signs() -> None:
    gaps = np.random.default_rng(5).integers(-6, 9, 12) / 20
    expected = stats.permutation_test((gaps,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert p_value(gaps) == pytest.approx(expected.pvalue)


def test_many_samples_agree_with_the_t_test_where_that_holds() -> None:
    gaps = np.random.default_rng(3).normal(0.03, 0.1, 80)
    assert p_value(gaps) == pytest.approx(stats.ttest_1samp(gaps, 0).pvalue, abs=0.01)


def test_the_error_is_that_of_a_mean_of_differences() -> None:
    rng = np.random.default_rng(4)
    one, other = rng.uniform(size=60), rng.uniform(size=60)
    gap = difference(solved(*one), solved(*other))
    assert gap is not None and gap.error == pytest.approx(stats.sem(one - other))


def test_groups_change_their_sign_together() -> None:
    # six families of two copies, all in favour of one: 2 of 2**6 signs, and not 2 of 2**12
    one, other = solved(*[1.0] * 12), solved(*[0.0] * 12)
    groups = {f"p{number}": f"family {number // 2}" for number in range(12)}
    gap = difference(one, other, groups)
    assert gap is not None and gap.p_value == pytest.approx(2 / 64)
    assert (gap.problems, gap.units, gap.mean) == (12, 6, 1.0)


def test_copies_of_the_problems_add_nothing() -> None:
    gaps = [0.5, -0.25, 1.0, 0.0, 0.25, 0.75, -0.5, 1.0]
    alone = difference(solved(*gaps), solved(*[0.0] * 8))
    copies = solved(*[gap for gap in gaps for _ in range(2)])
    grouped = difference(copies, solved(*[0.0] * 16), {f"p{n}": str(n // 2) for n in range(16)})
    assert alone is not None and grouped is not None
    assert grouped.p_value == alone.p_value and grouped.error == pytest.approx(alone.error)


def test_only_problems_that_both_were_asked_count() -> None:
    gap = difference({"a": 1.0, "b": 0.5, "c": 0.0}, {"b": 0.0, "c": 0.0, "d": 1.0})
    assert gap is not None and (gap.problems, gap.mean) == (2, 0.25)


def test_without_two_common_problems_there_is_no_difference() -> None:
    assert difference({"a": 1.0}, {"b": 1.0}) is None
    assert difference({"a": 1.0}, {"a": 0.0}) is None
