"""The target modules of each known architecture: the linear layers that methods adapt."""

import difflib

from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.linear_layers import endings, layers_ending_in
from astraios_ray.records import TargetModules

_SPLIT = ("q_proj", "k_proj", "v_proj")

KNOWN = {
    target_modules.architecture: target_modules
    for target_modules in (
        # Astraios, training/peft_config.py. The fused c_attn makes queries, keys and values.
        TargetModules("GPTBigCode", ("c_attn",), ("attn.c_proj",), ("c_fc",), ("mlp.c_proj",), ("c_attn",)),
        TargetModules("GPT2", ("c_attn",), ("attn.c_proj",), ("c_fc",), ("mlp.c_proj",), ("c_attn",)),
        TargetModules("Starcoder2", _SPLIT, ("o_proj",), ("c_fc",), ("mlp.c_proj",), ("k_proj", "v_proj")),
        # Gated MLPs have two input layers. LLM-Adapters (peft/tuners/bottleneck.py), whose code
        # Astraios took over, adapts both.
        TargetModules(
            "Qwen2", _SPLIT, ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",), ("k_proj", "v_proj")
        ),
        TargetModules(
            "Qwen3", _SPLIT, ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",), ("k_proj", "v_proj")
        ),
        TargetModules(
            "Llama", _SPLIT, ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",), ("k_proj", "v_proj")
        ),
    )
}
NAMES = "attention_in, attention_out, mlp_in, mlp_out, key_value"


def known_target_modules(architecture: str) -> TargetModules:
    """The target modules of an architecture, as ``GPTBigCode`` or ``GPTBigCodeForCausalLM``.

    Raises ConfigError for an unknown one, which says what to give instead.
    """
    short = architecture.removesuffix("ForCausalLM").removesuffix("LMHeadModel")
    if short not in KNOWN:
        near = difflib.get_close_matches(short, KNOWN, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ConfigError(
            f"model.target_modules: the architecture {short!r} is not known.{hint} Known: "
            f"{', '.join(KNOWN)}. For another one, give model.target_modules with {NAMES}: the endings of "
            "its linear layers' names."
        )
    return KNOWN[short]


def find_target_modules(model: nn.Module, override: TargetModules | None) -> TargetModules:
    """The target modules of ``model``: ``override``, or those of its architecture.

    Raises ConfigError for an ending that no layer has, with the endings that the model has.
    """
    try:
        target_modules = override or known_target_modules(type(model).__name__)
    except ConfigError as error:
        raise ConfigError(f"{error} Its linear layers end in: {', '.join(endings(model))}.") from None
    for field in NAMES.split(", "):
        layers_ending_in(model, field, getattr(target_modules, field))
    return target_modules
