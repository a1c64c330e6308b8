"""Searches on learning curves: every rule is asked alike, and the cost of each is counted alike."""

import random
from collections.abc import Sequence
from statistics import fmean

import pytest

from benchmarks.curves import Curve, read_curves
from benchmarks.early_stopping import (
    Make,
    OptunaHyperband,
    Ours,
    RayAsha,
    Settings,
    SyneTuneAsha,
    has_syne_tune,
)
from benchmarks.halving import Search, search

RULES = [
    Ours,
    RayAsha,
    OptunaHyperband,
    pytest.param(
        SyneTuneAsha, marks=pytest.mark.skipif(not has_syne_tune(), reason="syne-tune is not installed")
    ),
]
each_rule = pytest.mark.parametrize("make", RULES)
NINTH = Settings(grace=3, reduction=3)


def parallel_curves(count: int, steps: int = 27) -> list[Curve]:
    """Curves that never cross: the lower its number, the better the trial."""
    return [
        Curve("lora", {}, 1, [number / 10 + 1 / step for step in range(1, steps + 1)])
        for number in range(count)
    ]


def searched(make: Make, curves: Sequence[Curve], seed: int = 0, settings: Settings = NINTH) -> Search:
    drawn = random.Random(seed).sample(curves, len(curves))
    return search(
        make(settings, [curve.method for curve in drawn], drawn[0].steps, seed), drawn, random.Random(seed)
    )


@each_rule
@pytest.mark.parametrize("seed", range(3))
def test_where_curves_never_cross_the_best_trial_wins_and_not_all_is_spent(make: Make, seed: int) -> None:
    found = searched(make, parallel_curves(27), seed)
    assert found.rank == 0
    assert found.spent < 0.8


class Unaudited(Ours):
    audit = 0.0


def test_our_rule_spends_what_the_formula_says_and_what_its_audit_takes() -> None:
    steps = 27 * 3 + 9 * (9 - 3) + 3 * (27 - 9)
    assert searched(Ours, parallel_curves(27)).spent > steps / (27 * 27)
    assert searched(Unaudited, parallel_curves(27)).spent == pytest.approx(steps / (27 * 27))


def test_waiting_for_the_rung_spends_less_on_average_than_deciding_at_arrival() -> None:
    curves = parallel_curves(27)
    spent = [fmean(searched(make, curves, seed).spent for seed in range(8)) for make in (Unaudited, RayAsha)]
    assert spent[0] < spent[1]


@each_rule
def test_a_diverged_trial_never_wins_and_holds_nobody_up(make: Make) -> None:
    curves = parallel_curves(9)
    first = curves[0]
    broken = Curve("lora", {}, 1, [*first.losses[:4], *[float("inf")] * (first.steps - 4)])
    found = searched(make, [broken, *curves[1:]])
    assert found.rank <= 1  # some rules stop the second best for being behind it before it diverges


@each_rule
def test_the_same_seed_gives_the_same_search(make: Make) -> None:
    curves = read_curves()[:12]
    settings = Settings(grace=18, reduction=3)
    assert searched(make, curves, 5, settings) == searched(make, curves, 5, settings)


def test_no_rule_spends_more_than_training_all() -> None:
    never = Settings(grace=27, reduction=3)
    assert searched(Ours, parallel_curves(5), settings=never).spent == 1.0
