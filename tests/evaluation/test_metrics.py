from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astraios_ray.evaluation.mean_interval import mean_interval
from astraios_ray.evaluation.metrics import Tally, pass_at_k, passed_at, solved_by_any
from astraios_ray.records import Outcome, Verdict


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


def test_problems_of_one_group_are_one_observation() -> None:
    copies = [
        Verdict(f"{family}/{n}", 0, Outcome.PASSED if family < 10 else Outcome.FAILED, group=str(family))
        for family in range(20)
        for n in (0, 1)
    ]
    grouped, alone = passed_at(copies), passed_at([replace(copy, group="") for copy in copies])
    assert grouped["pass_at_1"].value == alone["pass_at_1"].value == 0.5
    assert grouped["pass_at_1"].count == 40
    assert grouped["pass_at_1"].interval == mean_interval([1.0] * 10 + [0.0] * 10)
    assert alone["pass_at_1"].interval == mean_interval([1.0] * 20 + [0.0] * 20)
