"""Sizes, weight layout and adapter dtype of linear layers."""

import pytest
import torch
from torch import nn

from astraios_ray.methods.linear import adapter_dtype, features, is_transposed
from tests.fakes.tiny_models import tiny_model


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
