"""The layers that methods adapt, by architecture."""

from dataclasses import replace

import pytest
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.models.target_modules import KNOWN, find_target_modules, known_target_modules
from astraios_ray.records import TargetModules
from tests.fakes.tiny_models import ARCHITECTURES, tiny_model


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_place_of_a_known_architecture_is_in_its_model(architecture: str) -> None:
    assert find_target_modules(tiny_model(architecture), None) == KNOWN[architecture]


def test_the_study_s_architecture_keeps_queries_keys_and_values_in_one_layer() -> None:
    target_modules = known_target_modules("GPTBigCode")
    assert target_modules.attention_in == target_modules.key_value == ("c_attn",)
    assert (target_modules.attention_out, target_modules.mlp_in, target_modules.mlp_out) == (
        ("attn.c_proj",),
        ("c_fc",),
        ("mlp.c_proj",),
    )


@pytest.mark.parametrize("name", ["GPT2LMHeadModel", "GPT2"])
def test_an_architecture_is_known_by_its_model_class_too(name: str) -> None:
    assert known_target_modules(name).architecture == "GPT2"


def test_an_unknown_architecture_is_answered_with_what_to_give() -> None:
    with pytest.raises(
        ConfigError, match=r"'Starcoder' is not known. Did you mean 'Starcoder2'.*attention_in"
    ):
        known_target_modules("StarcoderForCausalLM")


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
        KNOWN["GPT2"], architecture="Strange", attention_in=("in_proj",), attention_out=("out_proj",),
        mlp_in=("in_proj",), mlp_out=("out_proj",), key_value=("in_proj",),
    )  # fmt: skip
    assert find_target_modules(StrangeForCausalLM(), override) is override


def test_a_given_place_that_the_model_lacks_is_named() -> None:
    override = replace(KNOWN["GPTBigCode"], mlp_in=("up_proj",))
    with pytest.raises(
        ConfigError, match=r"model.target_modules.mlp_in: no linear layer .* ends in 'up_proj'"
    ):
        find_target_modules(tiny_model(), override)
