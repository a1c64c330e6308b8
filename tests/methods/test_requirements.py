"""Every method on many architectures: how much it trains, or in which sentence it is refused."""

import pytest
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.linear_layers import features_of, layers_ending_in
from astraios_ray.methods import METHODS, build, count_parameters
from astraios_ray.methods.requirements import working
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.records import TARGET_FIELDS, TargetModules
from tests.fakes.architectures import WITH_EXPERTS, outline
from tests.fakes.tiny_models import SMALL

ARCHITECTURES = (
    *(
        "Llama",
        "Gemma2",
        "Phi",
        "Phi3",
        "Glm4",
        "GPTNeoX",
        "CodeGen",
        "GPTJ",
        "Bloom",
        "OPT",
        "Falcon",
        "Mpt",
    ),
    *("Qwen2Moe", "Mixtral", "DeepseekV2", "Qwen3Next", "T5", "Bart"),
)
WIDTH, RANK, BOTTLENECK, VIRTUAL = 16, 3, 6, 5


def widths(model: nn.Module, target_modules: TargetModules, field: str) -> list[tuple[int, int]]:
    endings = getattr(target_modules, field)
    return [features_of(layer) for layer in layers_ending_in(model, field, endings).values()]


def expected(method: str, model: nn.Module, target_modules: TargetModules) -> int:
    """What the methods' papers say, from the widths of the layers."""
    layers = {field: widths(model, target_modules, field) for field in TARGET_FIELDS}
    if method == "full":
        return sum(parameter.numel() for parameter in model.parameters())
    if method == "p_tuning":
        return (VIRTUAL + 3 * WIDTH + 3) * WIDTH
    if method == "lora":
        adapted = layers["attention_in"] + layers["attention_out"] + layers["mlp_out"]
        return RANK * sum(wide_in + wide_out for wide_in, wide_out in adapted)
    if method == "ia3":
        return sum(wide for _, wide in layers["key_value"]) + sum(wide for wide, _ in layers["mlp_out"])
    if method == "parallel":
        return BOTTLENECK * sum(wide_in + wide_out for wide_in, wide_out in layers["attention_in"])
    inputs = sum(wide for wide, _ in layers["mlp_in"]) if method == "adapter_h" else 0
    return 2 * BOTTLENECK * (inputs + sum(wide for _, wide in layers["mlp_out"]))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_method_trains_as_much_as_its_layers_say(architecture: str) -> None:
    model = outline(architecture)
    target_modules = find_target_modules(model, None)
    for method in working(target_modules):
        plain, size = outline(architecture), expected(method, model, target_modules)
        assert count_parameters(method, SMALL.get(method, {}), plain, target_modules) == size > 0


@pytest.mark.parametrize("architecture", ["Qwen2", *WITH_EXPERTS])
def test_the_attention_and_the_linear_layers_beside_fused_experts_are_adapted(architecture: str) -> None:
    methods = working(find_target_modules(outline(architecture), None))
    assert {"full", "ia3", "lora", "p_tuning", "parallel"} <= set(methods)


@pytest.mark.parametrize("architecture", ["Mamba", "Mamba2", "Rwkv"])
def test_a_model_without_attention_takes_the_methods_that_need_no_layer(architecture: str) -> None:
    assert working(find_target_modules(outline(architecture), None)) == ["full", "p_tuning"]


@pytest.mark.parametrize(
    ("method", "architecture", "words"),
    [
        (
            "adapter_p",
            "Mixtral",
            r"'adapter_p' adapts linear layers of mlp_out; found none in the blocks of MixtralForCausalLM, "
            r"which have attention_in \(q_proj, k_proj, v_proj\).*other weights \(.*mlp.experts.down_proj.*"
            r"work on it: full, ia3, lora, p_tuning, parallel\..*give model.target_modules with attention_in",
        ),
        ("adapter_h", "GptOss", r"of mlp_in and mlp_out; found none.*mlp.experts.gate_up_proj"),
        (
            "lora",
            "Mamba",
            r"of attention_in and attention_out; found none.*mixer.in_proj.*: full, p_tuning\.",
        ),
        ("ia3", "Rwkv", r"of key_value; found none.*attention.key.*: full, p_tuning\."),
        ("peft:VERA", "Mamba2", r"'peft:VERA' adapts linear layers of attention_in"),
    ],
)
def test_a_refusal_says_what_the_model_has_and_what_works(method: str, architecture: str, words: str) -> None:
    model = outline(architecture)
    with pytest.raises(ConfigError, match=words):
        build(method, {}).apply(model, find_target_modules(model, None), 0)


@pytest.mark.parametrize(("method", "variant"), [("parallel", "he"), ("adapter_h", "houlsby")])
def test_a_placement_needs_the_layers_of_its_own(method: str, variant: str) -> None:
    model = outline("Qwen3Moe")
    with pytest.raises(ConfigError, match="mlp_out; found none"):
        build(method, {"placement": variant}).apply(model, find_target_modules(model, None), 0)


def test_every_method_says_what_it_needs() -> None:
    assert all(hasattr(METHODS[name], "needs") for name in METHODS)
