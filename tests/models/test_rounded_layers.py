"""int8 and nf4 layers can be changed in place and copied, and compute what bitsandbytes' own compute."""

from typing import Any

import bitsandbytes
import pytest
import torch
from torch import nn

from astraios_ray.models.rounded_layers import prepare_rounded_layers

INPUTS = torch.randn(3, 5, 64, generator=torch.Generator().manual_seed(0))
each_form = pytest.mark.parametrize("form", ["int8", "nf4"])


def layer_of(form: str, *, prepared: bool = True) -> Any:
    """A layer with a bias, whose weights are drawn from one seed."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(1)
        if form == "int8":
            layer = bitsandbytes.nn.Linear8bitLt(64, 32, has_fp16_weights=False)
        else:
            layer = bitsandbytes.nn.Linear4bit(64, 32, quant_type="nf4")
    model = nn.Sequential(layer).requires_grad_(False).to("cpu")
    if prepared:
        prepare_rounded_layers(model)
    else:
        layer.support_avx512bf16_for_cpu = False
    return layer


@each_form
def test_an_output_can_be_changed_in_place(form: str) -> None:
    inputs = INPUTS.clone().requires_grad_()
    output = layer_of(form).train()(inputs)
    output += 1
    output.sum().backward()
    assert inputs.grad is not None and bool(inputs.grad.any())


@each_form
def test_outputs_are_those_of_bitsandbytes_to_the_bit(form: str) -> None:
    for training in (True, False):
        outputs = [layer_of(form, prepared=p).train(training)(INPUTS) for p in (True, False)]
        assert outputs[0].shape == (3, 5, 32) and torch.equal(*outputs)


def test_a_weight_that_is_replaced_by_its_copy_has_its_scales() -> None:
    """As peft's DoRA replaces it in each pass on a CPU."""
    layer = layer_of("int8")
    expected = layer(INPUTS)
    for _ in range(2):
        layer.weight = layer.weight.to("cpu")
        assert torch.equal(layer(INPUTS), expected)
