"""Searches over methods on recorded surfaces: the same luck for all, and regrets that are counted alike."""

import numpy as np
import pytest

from benchmarks.curves import read_curves
from benchmarks.loss_surfaces import Surface
from benchmarks.method_regret import regret
from benchmarks.method_searches import OptunaHyperband, RayAsha, ours, spent, theirs

SURFACE = Surface("close")


def test_a_recorded_configuration_has_its_recorded_curve() -> None:
    recorded = next(c for c in read_curves() if c.method == "lora" and c.values["r"] == 8)
    trial = SURFACE.start("lora", recorded.values, np.random.default_rng(0))
    assert trial.last == pytest.approx(np.log(recorded.losses[-1]))


def test_our_search_gives_every_method_as_many_trials() -> None:
    run = ours(SURFACE, 28, 0)
    assert {method: sum(t.method == method for t in run) for method in SURFACE.methods} == dict.fromkeys(
        SURFACE.methods, 4
    )
    assert 28 * 18 < spent(run, SURFACE) < 28 * 162


@pytest.mark.parametrize("make", [OptunaHyperband, RayAsha])
def test_a_baseline_spends_as_many_steps(make: type[OptunaHyperband] | type[RayAsha]) -> None:
    run = theirs(make, SURFACE, 1000, 0)
    assert 1000 <= spent(run, SURFACE) < 1000 + SURFACE.every
    assert any(trial.at == 27 for trial in run)


def test_the_best_configurations_have_no_regret_and_others_have_some() -> None:
    run = ours(SURFACE, 14, 0)
    for trial in run:
        trial.last = SURFACE.best[trial.method]
    assert regret(SURFACE, [run]).methods == pytest.approx(0.0)
    run[0].at, run[0].last = 27, run[0].last + 0.7
    run[0].curve[26] = -9.0
    assert regret(SURFACE, [run]).methods == pytest.approx(10.0)
