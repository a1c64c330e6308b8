"""The recorded curves are whole, and of the study that they say."""

import gzip
import json
import math

import pytest

from benchmarks.curves import PLACES, Curve, read_curves
from benchmarks.record_curves import study_of

each_grid = pytest.mark.parametrize("ranges", sorted(PLACES))


@each_grid
def test_the_curves_are_of_the_grid_that_would_be_recorded_again(ranges: str) -> None:
    study = study_of(ranges)
    head = json.loads(gzip.decompress(PLACES[ranges].read_bytes()).splitlines()[0])
    recorded, training = head["study"]["training"], study.resolved()["training"]
    assert recorded == {key: training[key] for key in recorded}
    assert head["study"]["data"]["seed"] == study.data.seed
    curves = read_curves(PLACES[ranges])
    assert len(curves) == study.budget.trials
    assert {curve.method for curve in curves} == set(study.methods)


@each_grid
def test_every_curve_has_its_full_length_and_learned_something(ranges: str) -> None:
    for curve in read_curves(PLACES[ranges]):
        assert curve.steps == 162
        assert curve.losses[-1] < curve.losses[0] or math.isinf(curve.losses[-1])


def test_the_files_are_small() -> None:
    assert sum(place.stat().st_size for place in PLACES.values()) < 200 * 1024


def test_a_step_without_a_validation_is_refused() -> None:
    curve = Curve("lora", {}, 6, [2.0, 1.0])
    assert (curve.at(6), curve.at(12), curve.steps) == (2.0, 1.0, 12)
    for step in (0, 7, 18):
        with pytest.raises(ValueError, match=f"Step {step} was not validated"):
            curve.at(step)
