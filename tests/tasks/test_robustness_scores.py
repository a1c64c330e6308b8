"""Robust pass@k, compared with values computed by hand."""

import logging

import pytest

from astraios_ray.records import Outcome, Verdict
from astraios_ray.tasks.robustness_scores import NOMINAL, robustness


def verdicts(
    task: str, transformation: str, seed: int, passed: str, *, sound: bool = True, first: int = 0
) -> list[Verdict]:
    """One verdict per letter of ``passed``, 1 or 0, on samples from ``first`` on."""
    return [
        Verdict(
            f"{task}/{transformation}/{seed}",
            number,
            Outcome.PASSED if letter == "1" else Outcome.FAILED,
            facts={"task": task, "transformation": transformation, "seed": seed, "sound": sound},
        )
        for number, letter in enumerate(passed, start=first)
    ]


TWO_TASKS = [
    *verdicts("a", "tabs", 0, "1"),
    *verdicts("a", "lines", 0, "1"),
    *verdicts("a", "lines", 1, "1"),
    *verdicts("b", "tabs", 0, "1"),
    *verdicts("b", "lines", 0, "1"),
    *verdicts("b", "lines", 1, "0"),
]


def values(verdicts: list[Verdict]) -> dict[str, float]:
    return {name: metric.value for name, metric in robustness("format", verdicts).items()}


def test_a_problem_is_solved_when_every_seed_and_every_transformation_is() -> None:
    assert values(TWO_TASKS) == {
        "robust_pass_at_1/tabs": 1.0,
        "robust_pass_at_1/lines": 0.5,
        "robust_pass_at_1/format": 0.5,
        "robust_pass_at_1_sound/format": 0.5,
        "perturbed_pass_at_1/format": pytest.approx((1 + (1 + 1 / 2) / 2) / 2),
        "sound_share/format": 1.0,
    }


def test_a_metric_says_how_many_problems_it_is_a_mean_over() -> None:
    metrics = robustness("format", TWO_TASKS)
    assert {name: metric.count for name, metric in metrics.items()} == {
        "robust_pass_at_1/tabs": 2,
        "robust_pass_at_1/lines": 2,
        "robust_pass_at_1/format": 2,
        "robust_pass_at_1_sound/format": 2,
        "perturbed_pass_at_1/format": 2,
        "sound_share/format": 6,
    }


def test_samples_are_paired_by_their_number_and_estimated_without_bias() -> None:
    first, second = "1" * 10 + "0" * 2, "0" * 2 + "1" * 10
    scores = values([*verdicts("a", "tabs", 0, first), *verdicts("a", "lines", 0, second)])
    assert scores["robust_pass_at_1/tabs"] == pytest.approx(10 / 12)
    assert scores["robust_pass_at_1/format"] == pytest.approx(8 / 12)
    assert scores["robust_pass_at_10/format"] == 1.0  # four samples fail, so of any ten at least six pass


def test_the_change_is_how_far_the_worst_case_is_from_what_is_not_perturbed() -> None:
    nominal = [*verdicts("a", NOMINAL, 0, "1"), *verdicts("b", NOMINAL, 0, "1")]
    scores = values([*TWO_TASKS, *nominal])
    assert scores["pass_at_1"] == 1.0
    assert scores["robust_change_at_1/format"] == 0.5
    better = [*verdicts("a", NOMINAL, 0, "0"), *verdicts("b", NOMINAL, 0, "0")]
    assert values([*TWO_TASKS, *better])["robust_change_at_1/format"] == 0.5


def test_nominal_verdicts_on_other_problems_are_not_compared() -> None:
    nominal = [*verdicts("a", NOMINAL, 0, "0"), *verdicts("c", NOMINAL, 0, "1")]
    assert values([*TWO_TASKS, *nominal])["pass_at_1"] == 0.0


def test_a_problem_that_lacks_a_variant_is_left_out_and_not_called_robust() -> None:
    metrics = robustness("format", [verdict for verdict in TWO_TASKS if verdict.problem != "b/lines/1"])
    assert metrics["robust_pass_at_1/format"].value == 1.0
    assert metrics["robust_pass_at_1/format"].count == 1


def test_rows_whose_own_reference_fails_count_as_failures_and_are_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = [
        *(item for item in TWO_TASKS if item.problem != "b/lines/1"),
        *verdicts("b", "lines", 1, "0", sound=False),
    ]
    with caplog.at_level(logging.WARNING):
        scores = values(broken)
    assert scores["robust_pass_at_1/format"] == 0.5
    assert scores["robust_pass_at_1_sound/format"] == 1.0
    assert scores["sound_share/format"] == pytest.approx(5 / 6)
    assert "1 of 6 perturbed rows" in caplog.text
    assert "lines/1/b" in caplog.text
