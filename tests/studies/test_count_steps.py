"""Epochs become steps, which the other keys of the study have to fit."""

from pathlib import Path
from typing import Any

import pytest

from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError
from astraios_ray.studies.count_steps import with_steps
from tests.fakes.backends import write_rows
from tests.fakes.studies import study

LONG = {"sequence_length": 96, "packing": "rows", "validation_fraction": 0.25}  # 30 of 40 rows are trained on


def of_epochs(folder: Path, **training: Any) -> StudyConfig:
    data = {"train": str(write_rows(folder / "rows.jsonl")), **LONG}
    return study(data=data, training={"batch_size": 8, "validate_every": 1, "warmup_steps": 1, **training})


@pytest.mark.parametrize(
    ("epochs", "validate_every", "steps"),
    [(1.0, 1, 4), (2.0, 1, 8), (2.0, 5, 10), (0.5, 1, 2), (4.0, 5, 15)],
)
def test_steps_are_those_of_the_rows_up_to_a_validation(
    epochs: float, validate_every: int, steps: int, tmp_path: Path
) -> None:
    stop = {"rule": "none"}
    config = of_epochs(tmp_path, epochs=epochs, validate_every=validate_every)
    counted = with_steps(config.model_copy(update={"early_stop": study(early_stop=stop).early_stop}))
    assert counted.training.max_steps == steps
    assert counted.training.recipe().max_steps == steps


def test_a_study_of_steps_stays_as_it_is() -> None:
    assert with_steps(study()) is not None
    assert with_steps(study()) == study()


def test_a_resolved_study_is_counted_alike(tmp_path: Path) -> None:
    counted = with_steps(of_epochs(tmp_path, epochs=2.0))
    again = StudyConfig.model_validate(counted.resolved())
    assert with_steps(again) == again == counted


def test_steps_that_are_not_those_of_the_epochs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"training\.max_steps: 9 are not the 8 steps of 2 epochs; leave one"
    ):
        with_steps(of_epochs(tmp_path, epochs=2.0, max_steps=9))


def test_other_keys_are_held_against_the_counted_steps(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"warmup_steps: 12 steps of warm-up never end in 4 steps"):
        with_steps(of_epochs(tmp_path, epochs=1.0, warmup_steps=12))
