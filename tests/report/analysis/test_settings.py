"""What a study's settings say of each method."""

from dataclasses import replace
from typing import Any

import pytest

from astraios_ray.records import TrialResult
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.analysis.settings import edges, importances_of, undersampled
from tests.fakes.study_records import record, result

RANGE = {"min": 1e-4, "max": 1e-2, "log": True, "step": None}
SPACE: dict[str, Any] = {
    "defaults": {"learning_rate": RANGE},
    "methods": {"lora": {"r": {"values": [4, 8, 16]}, "alpha": 16}},
}


def trial(number: int, rate: float, loss: float, r: int = 8) -> TrialResult:
    plain = result(number, losses={200: loss})
    recipe = replace(plain.spec.recipe, learning_rate=rate)
    return replace(plain, spec=replace(plain.spec, recipe=recipe, hyperparameters={"r": r, "alpha": 16}))


@pytest.mark.parametrize(("rate", "upper"), [(9e-3, True), (1.2e-4, False)])
def test_a_best_rate_at_an_end_asks_for_another_range(rate: float, upper: bool) -> None:
    (edge,) = edges(leaderboard(record(trial(0, rate, 1.0), trial(1, 1e-3, 1.5), **SPACE)))
    assert (edge.method, edge.upper, edge.row.trial) == ("lora", upper, "t0000")
    assert edge.range == (1e-4, 1e-2)
    assert edge.next == pytest.approx((rate / 10, rate * 10))  # as wide, with the best in its middle


def test_a_best_rate_inside_is_no_edge() -> None:
    assert edges(leaderboard(record(trial(0, 1e-3, 1.0), trial(1, 9e-3, 1.5), **SPACE))) == ()


def test_a_study_that_does_not_say_its_ranges_has_no_edges() -> None:
    assert edges(leaderboard(record(trial(0, 9e-3, 1.0), methods={"lora": None}))) == ()


def test_methods_with_few_measured_trials_are_counted() -> None:
    assert undersampled(leaderboard(record(trial(0, 1e-3, 1.0), methods={"lora": None, "ia3": None}))) == {
        "lora": 1,
        "ia3": 0,
    }


def test_the_parameter_that_moves_the_loss_has_the_largest_share() -> None:
    results = [trial(n, 1e-4 * 100 ** (n / 23), abs(n - 12) / 12, r=(4, 8, 16)[n % 3]) for n in range(24)]
    importances = importances_of(leaderboard(record(*results, **SPACE)))["lora"]
    assert (importances.step, importances.count) == (200, 24)
    assert importances.shares["learning_rate"] > 0.8 and set(importances.shares) == {"learning_rate", "r"}
    assert sum(importances.shares.values()) == pytest.approx(1)


def test_few_trials_have_no_importances() -> None:
    results = [trial(n, 1e-4 * 10 ** (n / 10), float(n)) for n in range(11)]
    assert importances_of(leaderboard(record(*results, **SPACE))) == {}
