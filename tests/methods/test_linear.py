"""Finding linear layers by the endings of their names."""

import pytest
import torch
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.methods.linear import adapter_dtype, features, is_transposed, linear_layers
from tests.fakes.tiny_models import tiny_model


def test_an_ending_is_whole_words() -> None:
    found = linear_layers(tiny_model(), "mlp_out", ["mlp.c_proj"])
    assert list(found) == ["transformer.h.0.mlp.c_proj", "transformer.h.1.mlp.c_proj"]


def test_an_ending_that_fits_nothing_is_an_error_with_the_endings_there_are() -> None:
    with pytest.raises(
        ConfigError, match=r"model.places.mlp_in: no linear layer .* ends in 'up_proj'.*mlp.c_fc"
    ):
        linear_layers(tiny_model(), "mlp_in", ["up_proj"])


def test_gpt2_keeps_its_weights_the_other_way_round() -> None:
    base = tiny_model("GPT2")
    assert is_transposed(base, ["c_attn"])
    assert not is_transposed(tiny_model(), ["c_attn"])
    assert features(base.get_submodule("transformer.h.0.mlp.c_fc")) == (16, 64)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [(torch.bfloat16, torch.float32), (torch.float32, torch.float32), (torch.float64, torch.float64)],
)
def test_an_adapter_is_never_narrower_than_float32(layer: torch.dtype, expected: torch.dtype) -> None:
    assert adapter_dtype(nn.Linear(2, 2, dtype=layer)) == expected
