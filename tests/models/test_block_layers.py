"""The layers that methods adapt, from the structure of a model alone."""

from itertools import chain
from math import prod
from typing import Any

import bitsandbytes
import pytest
import torch
from torch import nn

from astraios_ray.linear_layers import block_of, layers_ending_in
from astraios_ray.models.block_layers import layers_by_field
from astraios_ray.models.target_modules import PINNED, find_target_modules, shortest_endings
from astraios_ray.records import TARGET_FIELDS
from tests.fakes.architectures import ALL, DENSE, ENCODER_DECODERS, RECURRENT, outline

GPT = "c_attn | attn.c_proj | c_fc | mlp.c_proj | c_attn"
GATED = "q_proj k_proj v_proj | o_proj | gate_proj up_proj | down_proj | k_proj v_proj"
UNGATED = "q_proj k_proj v_proj | o_proj | up_proj | down_proj | k_proj v_proj"
FUSED_GATE = "q_proj k_proj v_proj | o_proj | gate_up_proj | down_proj | k_proj v_proj"
FUSED_ATTENTION = "query_key_value | dense | dense_h_to_4h | dense_4h_to_h | query_key_value"
OPT = "k_proj v_proj q_proj | out_proj | fc1 | fc2 | k_proj v_proj"
NO_MLP = "q_proj k_proj v_proj | o_proj | | | k_proj v_proj"
# The latent layers come first (q_a_proj, kv_a_proj_with_mqa), then those that make queries, keys and values
# of them. kv_a_proj_with_mqa makes a part of the keys itself.
LATENT = (
    "q_a_proj q_b_proj kv_a_proj_with_mqa kv_b_proj | o_proj | gate_proj up_proj | down_proj | "
    "kv_a_proj_with_mqa kv_b_proj"
)
EXPECTED = {
    **dict.fromkeys(("GPTBigCode", "GPT2"), GPT),
    "Starcoder2": "q_proj k_proj v_proj | o_proj | c_fc | c_proj | k_proj v_proj",
    **dict.fromkeys(("Arcee", "Nemotron", "Apertus"), UNGATED),
    **dict.fromkeys(("Glm", "Glm4"), FUSED_GATE),
    **dict.fromkeys(("Persimmon", "GPTNeoX", "Bloom", "Falcon"), FUSED_ATTENTION),
    **dict.fromkeys(("OPT", "XGLM", "Bart", "PLBart"), OPT),
    **dict.fromkeys(("Qwen3Moe", "Mixtral", "GptOss", "Olmoe", "GraniteMoe"), NO_MLP),
    **dict.fromkeys(("DeepseekV2", "DeepseekV3"), LATENT),
    **dict.fromkeys(RECURRENT, "| | | |"),
    "Phi": "q_proj k_proj v_proj | dense | fc1 | fc2 | k_proj v_proj",
    "Phi3": "qkv_proj | o_proj | gate_up_proj | down_proj | qkv_proj",
    "NanoChat": "q_proj k_proj v_proj | o_proj | fc1 | fc2 | k_proj v_proj",
    "CodeGen": "qkv_proj | out_proj | fc_in | fc_out | qkv_proj",
    "GPTJ": "k_proj v_proj q_proj | out_proj | fc_in | fc_out | k_proj v_proj",
    "GPTNeo": "k_proj v_proj q_proj | out_proj | c_fc | c_proj | k_proj v_proj",
    "Mpt": "Wqkv | out_proj | up_proj | down_proj | Wqkv",
    "T5": "q k v | o | wi | wo | k v",
    **dict.fromkeys(("T5 (gated)", "MT5"), "q k v | o | wi_0 wi_1 | wo | k v"),
}


def found(model: nn.Module) -> str:
    return " | ".join(" ".join(shortest_endings(model, names)) for names in layers_by_field(model).values())


def written(fields: str) -> str:
    return " | ".join(" ".join(field.split()) for field in fields.split("|"))


@pytest.mark.parametrize("architecture", ALL)
def test_the_layers_of_an_architecture_are_found_by_its_structure(architecture: str) -> None:
    assert found(outline(architecture)) == written(EXPECTED.get(architecture, GATED))


@pytest.mark.parametrize("architecture", PINNED)
def test_the_structure_gives_the_layers_of_the_table_in_its_order(architecture: str) -> None:
    model = outline(architecture)
    pinned = {
        field: list(layers_ending_in(model, field, getattr(PINNED[architecture], field)))
        for field in TARGET_FIELDS
    }
    assert layers_by_field(model) == pinned


@pytest.mark.parametrize("architecture", [*DENSE, *ENCODER_DECODERS])
def test_each_linear_layer_of_a_dense_model_s_blocks_is_in_one_field(architecture: str) -> None:
    model = outline(architecture)
    fields = layers_by_field(model)
    matrices = [name for name, weight in model.named_parameters() if weight.dim() > 1 and block_of(name)]
    layers = [name.removesuffix(".weight") for name in matrices if "relative_attention_bias" not in name]
    assert sorted(chain(*(fields[field] for field in TARGET_FIELDS[:4]))) == sorted(layers)
    assert set(fields["key_value"]) <= set(fields["attention_in"])


@pytest.mark.parametrize("architecture", ["Llama", "Bloom", "DeepseekV3"])
def test_a_quantised_model_has_the_same_target_modules(architecture: str) -> None:
    model = outline(architecture)
    expected = find_target_modules(model, None)
    for name, layer in list(model.named_modules()):
        if isinstance(layer, nn.Linear) and name != "lm_head":
            packed = bitsandbytes.nn.Linear4bit(layer.in_features, layer.out_features, bias=False)
            packed.weight.data = torch.empty(prod(layer.weight.shape) // 2, 1, dtype=torch.uint8)
            parent, _, last = name.rpartition(".")
            setattr(model.get_submodule(parent), last, packed)
    assert find_target_modules(model, None) == expected


class Mixer(nn.Module):
    """An attention whose names do not say that it is one."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.o = nn.Linear(width, width)
        self.q, self.k, self.v = (nn.Linear(width, width) for _ in range(3))
        self.decay = nn.Linear(width, 1)


class Block(nn.Module):
    """A block of unusual names and widths, with a router and a small adapter beside the MLP."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.mixer = Mixer(width)
        self.ff = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))
        self.router = nn.Linear(width, 4)
        self.side = nn.Sequential(nn.Linear(width, 2), nn.Linear(2, width))


def stack(hidden: int, blocks: int = 2) -> nn.Module:
    model: Any = nn.Module()
    model.blocks = nn.ModuleList(Block(16, hidden) for _ in range(blocks))
    model.head = nn.Linear(16, 50)
    built: nn.Module = model
    return built


@pytest.mark.parametrize("hidden", [16, 24, 32, 64])
@pytest.mark.parametrize("blocks", [1, 3])
def test_a_model_of_other_names_is_read_by_its_shapes(hidden: int, blocks: int) -> None:
    assert found(stack(hidden, blocks)) == "q k v | o | ff.0 | ff.2 | k v"
