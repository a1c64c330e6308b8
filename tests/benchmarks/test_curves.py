"""The recorded curves are whole, and of the study that they say."""

import gzip
import json
import math

import pytest

from benchmarks.curves import PLACE, Curve, read_curves
from benchmarks.record_curves import STUDY


def test_the_curves_are_of_the_grid_that_would_be_recorded_again() -> None:
    head = json.loads(gzip.decompress(PLACE.read_bytes()).splitlines()[0])
    training = head["study"]["training"]
    assert {key: training[key] for key in STUDY["training"]} == STUDY["training"]
    assert len(read_curves()) == STUDY["budget"]["trials"]
    assert {curve.method for curve in read_curves()} == set(STUDY["methods"])


def test_every_curve_has_its_full_length_and_learned_something() -> None:
    for curve in read_curves():
        assert curve.steps == STUDY["training"]["max_steps"]
        assert curve.losses[-1] < curve.losses[0] or math.isinf(curve.losses[-1])


def test_the_file_is_small() -> None:
    assert PLACE.stat().st_size < 200 * 1024


def test_a_step_without_a_validation_is_refused() -> None:
    curve = Curve("lora", {}, 6, [2.0, 1.0])
    assert (curve.at(6), curve.at(12), curve.steps) == (2.0, 1.0, 12)
    for step in (0, 7, 18):
        with pytest.raises(ValueError, match=f"Step {step} was not validated"):
            curve.at(step)
