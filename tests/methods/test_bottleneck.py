"""The bottleneck's arithmetic, and where the three adapter methods put it."""

import pytest
import torch
from torch import nn

from astraios_ray.methods import build
from astraios_ray.methods.bottleneck import Adapted, Bottleneck
from astraios_ray.methods.layer_updates import Position
from astraios_ray.models.target_modules import known_target_modules
from tests.fakes.tiny_models import logits_of, tiny_model, tokens


def adapted(position: Position, dtype: torch.dtype = torch.float64, scaling: float = 0.5) -> Adapted:
    torch.manual_seed(0)
    linear = nn.Linear(6, 10, dtype=dtype)
    layer = Adapted(linear, position, Bottleneck(bottleneck=3, scaling=scaling))
    for part in (layer.adapter_down, layer.adapter_up):
        nn.init.normal_(part.weight)
    return layer


def bottleneck(layer: Adapted, x: torch.Tensor) -> torch.Tensor:
    return torch.tanh(x @ layer.adapter_down.weight.T) @ layer.adapter_up.weight.T * layer.scaling


def test_before_a_layer_its_input_is_adapted() -> None:
    layer, x = adapted(Position.INPUT), torch.randn(4, 6, dtype=torch.float64)
    assert torch.allclose(layer(x), layer.base_layer(x + bottleneck(layer, x)), atol=1e-12)


def test_after_a_layer_its_output_is_adapted() -> None:
    layer, x = adapted(Position.OUTPUT), torch.randn(4, 6, dtype=torch.float64)
    z = layer.base_layer(x)
    assert torch.allclose(layer(x), z + bottleneck(layer, z), atol=1e-12)


def test_beside_a_layer_its_input_makes_what_is_added_to_its_output() -> None:
    layer, x = adapted(Position.PARALLEL), torch.randn(4, 6, dtype=torch.float64)
    assert torch.allclose(layer(x), layer.base_layer(x) + bottleneck(layer, x), atol=1e-12)


@pytest.mark.parametrize("position", Position)
def test_beside_a_bf16_layer_it_computes_in_float32_and_answers_in_bf16(position: Position) -> None:
    layer, x = adapted(position, torch.bfloat16), torch.randn(4, 6).bfloat16()
    assert layer.adapter_down.weight.dtype == torch.float32
    assert layer(x).dtype == torch.bfloat16
    z = layer.base_layer(x)
    exact = bottleneck(layer, (z if position is Position.OUTPUT else x).float())
    if position is not Position.INPUT:
        assert torch.equal(layer(x), (z + exact).bfloat16())  # rounded once


def test_bert_draws_both_layers_with_a_deviation_of_two_hundredths() -> None:
    torch.manual_seed(0)
    layer = Adapted(nn.Linear(300, 300), Position.OUTPUT, Bottleneck(bottleneck=200))
    for part in (layer.adapter_down, layer.adapter_up):
        assert float(part.weight.detach().std()) == pytest.approx(0.02, rel=0.02)
        assert part.bias is None


@pytest.mark.parametrize("method", ["adapter_h", "adapter_p", "parallel"])
def test_mam_starts_at_the_base_and_bert_does_not(method: str) -> None:
    base = tiny_model()
    plain = base(tokens()).logits
    for init, is_base in (("mam", True), ("bert", False)):
        tuned = build(method, {"bottleneck": 6, "init": init}).apply(
            base, known_target_modules("GPTBigCode"), 0
        )
        assert torch.equal(logits_of(tuned), plain) is is_base


@pytest.mark.parametrize(
    ("method", "layers"),
    [
        ("adapter_h", {"mlp.c_fc": (16, 16), "mlp.c_proj": (16, 16)}),
        ("adapter_p", {"mlp.c_proj": (16, 16)}),
        ("parallel", {"attn.c_attn": (16, 16 + 2 * 4)}),
    ],
)
def test_each_method_adapts_its_own_layers(method: str, layers: dict[str, tuple[int, int]]) -> None:
    tuned = build(method, {"bottleneck": 6}).apply(tiny_model(), known_target_modules("GPTBigCode"), 0)
    expected = {
        f"transformer.h.{number}.{layer}.adapter_{part}.weight": shape
        for number in range(2)
        for layer, (wide_in, wide_out) in layers.items()
        for part, shape in (("down", (6, wide_in)), ("up", (wide_out, 6)))
    }
    assert {name: tuple(p.shape) for name, p in tuned.trainable().items()} == expected


def test_in_a_gated_mlp_both_input_layers_get_a_bottleneck() -> None:
    tuned = build("adapter_h", {"bottleneck": 6}).apply(tiny_model("Llama"), known_target_modules("Llama"), 0)
    layers = {name.split(".adapter")[0].rsplit(".", 1)[1] for name in tuned.trainable()}
    assert layers == {"gate_proj", "up_proj", "down_proj"}


def test_dropout_acts_on_the_bottleneck_in_training_only() -> None:
    torch.manual_seed(0)
    layer = Adapted(nn.Linear(6, 10), Position.PARALLEL, Bottleneck(bottleneck=3, dropout=0.5))
    x = torch.randn(4, 6)
    assert torch.equal(layer.eval()(x), layer.eval()(x))
    assert not torch.equal(layer.train()(x), layer.eval()(x))
