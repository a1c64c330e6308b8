"""Where a study leaves it open, trials are first compared behind the warm-up."""

from typing import Any

import pytest

from astraios_ray.config.study import StudyConfig
from astraios_ray.search.grace import early_comparison, with_grace
from tests.fakes.studies import study


def of(training: dict[str, int], **early_stop: Any) -> StudyConfig:
    return study(training=training, early_stop=early_stop)


@pytest.mark.parametrize(
    ("training", "grace"),
    [
        ({"max_steps": 160, "warmup_steps": 12, "validate_every": 20}, 20),
        ({"max_steps": 900, "warmup_steps": 90, "validate_every": 50}, 150),  # behind the warm-up
        ({"max_steps": 900, "warmup_steps": 0, "validate_every": 50}, 100),  # a ninth
        ({"max_steps": 100, "warmup_steps": 99, "validate_every": 10}, 90),  # before the end
        ({"max_steps": 100, "warmup_steps": 0, "validate_every": 100}, 100),  # nothing is compared
    ],
)
def test_the_first_comparison_is_behind_the_warm_up(training: dict[str, int], grace: int) -> None:
    assert with_grace(of(training)).early_stop.grace == grace


def test_a_number_is_kept() -> None:
    assert with_grace(of({"max_steps": 900, "warmup_steps": 90, "validate_every": 50}, grace=50)) == of(
        {"max_steps": 900, "warmup_steps": 90, "validate_every": 50}, grace=50
    )


@pytest.mark.parametrize(("grace", "words"), [(50, "inside the warm-up"), (100, "right behind the warm-up")])
def test_a_comparison_in_the_warm_up_is_warned_of(grace: int, words: str) -> None:
    warning = early_comparison(of({"max_steps": 900, "warmup_steps": 90, "validate_every": 50}, grace=grace))
    assert words in warning
    assert "auto, which is 150 here" in warning


@pytest.mark.parametrize("early_stop", [{}, {"grace": 150}, {"rule": "none", "grace": 50}])
def test_a_later_comparison_or_none_is_not_warned_of(early_stop: dict[str, Any]) -> None:
    training = {"max_steps": 900, "warmup_steps": 90, "validate_every": 50}
    assert early_comparison(with_grace(of(training, **early_stop))) == ""
