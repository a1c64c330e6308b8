"""The bottleneck's arithmetic, and where the three adapter methods put it."""

from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM, OPTConfig

from astraios_ray.errors import ConfigError
from astraios_ray.methods import build, count_parameters, load_tuned
from astraios_ray.methods.bottleneck import Adapted, Bottleneck
from astraios_ray.methods.layer_updates import Position
from astraios_ray.records import TargetModules, Value
from tests.contracts.base_watch import Watch
from tests.fakes.tiny_models import ARCHITECTURES, logits_of, target_modules_of, tiny_model, tokens, train


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
        tuned = build(method, {"bottleneck": 6, "init": init}).apply(base, target_modules_of("GPTBigCode"), 0)
        assert torch.equal(logits_of(tuned), plain) is is_base


@pytest.mark.parametrize(
    ("method", "placement", "layers"),
    [
        ("adapter_h", {}, {"mlp.c_fc": (16, 16), "mlp.c_proj": (16, 16)}),
        ("adapter_h", {"placement": "houlsby"}, {"attn.c_proj": (16, 16), "mlp.c_proj": (16, 16)}),
        ("adapter_p", {}, {"mlp.c_proj": (16, 16)}),
        ("parallel", {}, {"attn.c_attn": (16, 16 + 2 * 4)}),
        ("parallel", {"placement": "he"}, {"mlp": (16, 16)}),
    ],
)
def test_each_method_adapts_its_own_layers(
    method: str, placement: dict[str, Value], layers: dict[str, tuple[int, int]]
) -> None:
    method_on = build(method, {"bottleneck": 6, **placement})
    tuned = method_on.apply(tiny_model(), target_modules_of("GPTBigCode"), 0)
    expected = {
        f"transformer.h.{number}.{layer}.adapter_{part}.weight": shape
        for number in range(2)
        for layer, (wide_in, wide_out) in layers.items()
        for part, shape in (("down", (6, wide_in)), ("up", (wide_out, 6)))
    }
    assert {name: tuple(p.shape) for name, p in tuned.trainable().items()} == expected


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(
    ("method", "placement", "per_block"), [("adapter_h", "houlsby", 2), ("parallel", "he", 1)]
)
def test_a_placement_by_sublayers_has_as_many_parameters_on_every_architecture(
    method: str, placement: str, per_block: int, architecture: str
) -> None:
    base = tiny_model(architecture).to("meta")
    values: dict[str, Value] = {"bottleneck": 6, "placement": placement}
    count = count_parameters(method, values, base, target_modules_of(architecture))
    blocks, width, down_and_up = 2, 16, 2
    assert count == per_block * blocks * down_and_up * 6 * width


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_hes_placement_adds_to_the_mlps_output_what_its_input_makes(architecture: str) -> None:
    base = tiny_model(architecture)
    tuned = build("parallel", {"bottleneck": 6, "placement": "he", "scaling": 4.0}).apply(
        base, target_modules_of(architecture), 0
    )
    layer, x = tuned.replacements[0].layer, torch.randn(2, 5, 16)
    assert isinstance(layer, Adapted)
    assert torch.allclose(layer(x), layer.base_layer(x) + bottleneck(layer, x), atol=1e-6)
    assert layer.scaling == 4.0


@pytest.mark.parametrize(("method", "placement"), [("adapter_h", "houlsby"), ("parallel", "he")])
def test_trained_in_another_placement_it_leaves_the_base_alone_and_is_loaded_again(
    method: str, placement: str, tmp_path: Path
) -> None:
    base, target_modules = tiny_model("Llama"), target_modules_of("Llama")
    watch = Watch(base)
    tuned = build(method, {"bottleneck": 6, "placement": placement}).apply(base, target_modules, 0)
    train(tuned)
    tuned.save(tmp_path)
    watch.check()
    assert torch.equal(logits_of(load_tuned(base, target_modules, tmp_path)), logits_of(tuned))
    with pytest.raises(ConfigError, match="holds"):
        build(method, {"bottleneck": 6}).apply(base, target_modules, 0).load(tmp_path)


def test_without_a_module_for_the_mlp_hes_placement_is_refused_with_what_else_it_holds() -> None:
    target_modules = TargetModules("OPT", ("q_proj",), ("out_proj",), ("fc1",), ("fc2",), ("q_proj",))
    config = OPTConfig(vocab_size=61, hidden_size=16, ffn_dim=48, num_hidden_layers=1, num_attention_heads=2)
    base = AutoModelForCausalLM.from_config(config)
    with pytest.raises(ConfigError, match=r"no module for the MLP alone: .*layers\.0 also holds .*k_proj"):
        build("parallel", {"placement": "he"}).apply(base, target_modules, 0)


def test_in_a_gated_mlp_both_input_layers_get_a_bottleneck() -> None:
    tuned = build("adapter_h", {"bottleneck": 6}).apply(tiny_model("Llama"), target_modules_of("Llama"), 0)
    layers = {name.split(".adapter")[0].rsplit(".", 1)[1] for name in tuned.trainable()}
    assert layers == {"gate_proj", "up_proj", "down_proj"}


def test_dropout_acts_on_the_bottleneck_in_training_only() -> None:
    torch.manual_seed(0)
    layer = Adapted(nn.Linear(6, 10), Position.PARALLEL, Bottleneck(bottleneck=3, dropout=0.5))
    x = torch.randn(4, 6)
    assert torch.equal(layer.eval()(x), layer.eval()(x))
    assert not torch.equal(layer.train()(x), layer.eval()(x))
