"""The sentence about precision says what every optimiser stores."""

import pytest

from astraios_ray.report.analysis.precision import STORED, precision
from astraios_ray.training.optimizers import OPTIMIZERS


def test_every_optimiser_has_words() -> None:
    assert STORED.keys() == OPTIMIZERS.keys()


@pytest.mark.parametrize("optimizer", STORED)
def test_the_words_say_which_weights_have_masters_and_which_moments_are_small(optimizer: str) -> None:
    words = precision({"model": {"dtype": "bf16"}, "training": {"optimizer": optimizer}})
    assert words.startswith("Passes are computed in bf16; ")
    assert ("stay in bf16" in words) is not OPTIMIZERS[optimizer].masters
    assert ("8 bits" in words) is optimizer.endswith("8bit")
    assert ("paged" in words) is OPTIMIZERS[optimizer].pages


def test_a_record_that_does_not_say_gets_no_sentence() -> None:
    assert precision({"model": {"dtype": "bf16"}}) == ""
