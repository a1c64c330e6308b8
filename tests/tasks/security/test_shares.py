import pytest

from astraios_ray.records import Outcome, Verdict
from astraios_ray.tasks.security.shares import share


def verdicts(*problems: str) -> list[Verdict]:
    """A word per problem, a sign per sample: + is in the share, - is not, . does not count."""
    return [
        Verdict(f"p{number}", sample, Outcome.PASSED, letter)
        for number, word in enumerate(problems)
        for sample, letter in enumerate(word)
    ]


def share_of(*problems: str) -> tuple[float, tuple[float, float] | None, int] | None:
    metric = share(
        verdicts(*problems), lambda verdict: verdict.detail == "+", lambda verdict: verdict.detail != "."
    )
    return None if metric is None else (metric.value, metric.interval, metric.count)


def test_samples_of_all_problems_are_counted_together() -> None:
    result = share_of("++++", "-...", "+-..")
    assert result is not None
    assert result[0] == pytest.approx(5 / 7)
    assert result[2] == 7


def test_without_samples_there_is_no_share() -> None:
    assert share_of("..", ".") is None


def test_the_interval_is_over_problems_and_the_same_each_time() -> None:
    few, many = share_of(*["+" * 50, "-" * 50]), share_of(*["+", "-"] * 50)
    assert few == share_of(*["+" * 50, "-" * 50])
    assert few is not None
    assert many is not None
    assert few[1] == (0.0, 1.0)
    assert many[1] is not None
    assert 0.35 < many[1][0] < 0.45 < 0.55 < many[1][1] < 0.65


def test_problems_that_agree_have_an_interval_all_the_same() -> None:
    result = share_of("++", "++", "++")
    assert result is not None
    assert result[1] is not None
    assert result[1][0] == pytest.approx(0.438, abs=1e-3)  # Wilson, 3 of 3
    assert result[1][1] == 1.0
