"""Finding linear layers by the endings of their names."""

import pytest

from astraios_ray.errors import ConfigError
from astraios_ray.linear_layers import layers_ending_in
from tests.fakes.tiny_models import tiny_model


def test_an_ending_is_whole_words() -> None:
    found = layers_ending_in(tiny_model(), "mlp_out", ["mlp.c_proj"])
    assert list(found) == ["transformer.h.0.mlp.c_proj", "transformer.h.1.mlp.c_proj"]


def test_an_ending_that_fits_nothing_is_an_error_with_the_endings_there_are() -> None:
    with pytest.raises(
        ConfigError, match=r"model.target_modules.mlp_in: no linear layer .* ends in 'up_proj'.*mlp.c_fc"
    ):
        layers_ending_in(tiny_model(), "mlp_in", ["up_proj"])
