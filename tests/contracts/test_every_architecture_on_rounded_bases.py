"""Tiny models of many architectures, rounded to int8 and nf4: all adapters train, or the base is refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from torch import nn
from transformers import AutoModelForCausalLM, PretrainedConfig

from astraios_ray.errors import ConfigError
from astraios_ray.methods import METHODS, build, traits_of
from astraios_ray.models.load_base import Base, empty_from, load_base, refuse_unquantizable
from astraios_ray.records import ModelRef, TargetModules
from tests.fakes.byte_tokenizers import byte_tokenizer
from tests.fakes.tiny_models import ARCHITECTURES, ENDS, SMALL, VOCABULARY, optimizer_of, step, tiny_config

SIZES = {
    "vocab_size": VOCABULARY,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    **ENDS,
}
POSITIONS = {"intermediate_size": 48, "max_position_embeddings": 96}
SPLIT = ("q_proj", "k_proj", "v_proj")
GIVEN: Mapping[str, tuple[Mapping[str, Any], TargetModules]] = {
    "Mistral": (
        {**SIZES, **POSITIONS, "num_key_value_heads": 2},
        TargetModules("", SPLIT, ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",), SPLIT[1:]),
    ),
    "Phi": (
        {**SIZES, **POSITIONS}, TargetModules("", SPLIT, ("dense",), ("fc1",), ("fc2",), SPLIT[1:])
    ),
    "GPTNeoX": (
        {**SIZES, **POSITIONS},
        TargetModules(
            "", ("query_key_value",), ("attention.dense",), ("dense_h_to_4h",), ("dense_4h_to_h",),
            ("query_key_value",),
        ),
    ),
    "Bloom": (
        {**ENDS, "vocab_size": VOCABULARY, "hidden_size": 16, "n_layer": 2, "n_head": 4},
        TargetModules(
            "", ("query_key_value",), ("self_attention.dense",), ("dense_h_to_4h",), ("dense_4h_to_h",),
            ("query_key_value",),
        ),
    ),
    "OPT": (
        {**SIZES, "ffn_dim": 48, "max_position_embeddings": 96, "word_embed_proj_dim": 16},
        TargetModules("", SPLIT, ("out_proj",), ("fc1",), ("fc2",), SPLIT[1:]),
    ),
}  # fmt: skip
ADAPTERS = [name for name in METHODS if not traits_of(name, {}).trains_whole_model]
STEPS = 4
FORMS = (("int8", "bf16"), ("nf4", "fp32"))


def config_of(architecture: str) -> PretrainedConfig:
    if architecture not in GIVEN:
        return tiny_config(architecture)
    kind: Any = getattr(transformers, f"{architecture}Config")
    config: PretrainedConfig = kind(**GIVEN[architecture][0])
    return config


def rounded(architecture: str, folder: Path, quantization: str, dtype: str) -> Base:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        model: Any = AutoModelForCausalLM.from_config(config_of(architecture))
        for parameter in model.parameters():
            nn.init.normal_(parameter, std=0.15)  # larger than usual, so that a few steps are seen
    model.save_pretrained(folder)
    byte_tokenizer().save_pretrained(folder)
    target_modules = GIVEN[architecture][1] if architecture in GIVEN else None
    ref = ModelRef(str(folder), dtype=dtype, quantization=quantization, target_modules=target_modules)
    return load_base(ref)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS, ids="-".join)
@pytest.mark.parametrize("architecture", [*ARCHITECTURES, *GIVEN])
def test_every_adapter_trains(architecture: str, form: tuple[str, str], tmp_path: Path) -> None:
    base = rounded(architecture, tmp_path, *form)
    for name in ADAPTERS:
        tuned = build(name, SMALL.get(name, {})).apply(base.model, base.target_modules, 0)
        optimizer = optimizer_of(tuned)
        losses = [step(tuned, optimizer, 0) for _ in range(STEPS)]
        assert losses[-1] < losses[0], name


def test_a_base_whose_layers_bitsandbytes_does_not_know_is_refused_before_it_is_loaded() -> None:
    config = transformers.FalconConfig(**{**SIZES, "num_hidden_layers": 1})
    with pytest.raises(ConfigError, match="rounds no layer of FalconForCausalLM, whose linear"):
        refuse_unquantizable(empty_from(config), "nf4")
    refuse_unquantizable(empty_from(config), "none")
