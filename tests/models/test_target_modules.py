"""The layers that methods adapt, by architecture."""

from dataclasses import replace

import pytest
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.models.target_modules import PINNED, find_target_modules
from astraios_ray.records import TargetModules
from tests.fakes.tiny_models import target_modules_of, tiny_model

GATED = (
    ("q_proj", "k_proj", "v_proj"), ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",),
    ("k_proj", "v_proj"),
)  # fmt: skip
GPT = (("c_attn",), ("attn.c_proj",), ("c_fc",), ("mlp.c_proj",), ("c_attn",))
SINCE_0_1 = {  # what adapters of earlier versions have in their files
    "GPTBigCode": GPT,
    "GPT2": GPT,
    "Starcoder2": (*GATED[:2], ("c_fc",), ("mlp.c_proj",), GATED[4]),
    **dict.fromkeys(("Qwen2", "Qwen3", "Llama"), GATED),
}


@pytest.mark.parametrize("architecture", SINCE_0_1)
def test_the_first_architectures_have_the_target_modules_of_earlier_versions(architecture: str) -> None:
    assert target_modules_of(architecture) == TargetModules(architecture, *SINCE_0_1[architecture])


def test_the_study_s_architecture_keeps_queries_keys_and_values_in_one_layer() -> None:
    target_modules = PINNED["GPTBigCode"]
    assert target_modules.attention_in == target_modules.key_value == ("c_attn",)
    assert (target_modules.attention_out, target_modules.mlp_in, target_modules.mlp_out) == (
        ("attn.c_proj",),
        ("c_fc",),
        ("mlp.c_proj",),
    )


class StrangeForCausalLM(nn.Module):
    """A model of an unknown architecture."""

    def __init__(self) -> None:
        super().__init__()
        self.mixer = nn.ModuleDict({"in_proj": nn.Linear(2, 2), "out_proj": nn.Linear(2, 2)})


def test_a_field_that_the_structure_does_not_have_is_empty() -> None:
    fields = ("attention_in", "attention_out", "mlp_in", "mlp_out", "key_value")
    empty = TargetModules("Strange", **dict.fromkeys(fields, ()))
    assert find_target_modules(StrangeForCausalLM(), None) == empty


def test_given_places_are_taken_for_an_unknown_model() -> None:
    override = replace(
        PINNED["GPTBigCode"], architecture="Strange", attention_in=("in_proj",), attention_out=("out_proj",),
        mlp_in=("in_proj",), mlp_out=("out_proj",), key_value=("in_proj",),
    )  # fmt: skip
    assert find_target_modules(StrangeForCausalLM(), override) is override


def test_a_given_place_that_the_model_lacks_is_named() -> None:
    override = replace(PINNED["GPTBigCode"], mlp_in=("up_proj",))
    with pytest.raises(
        ConfigError, match=r"model.target_modules.mlp_in: no linear layer .* ends in 'up_proj'"
    ):
        find_target_modules(tiny_model(), override)
