"""Where the architectures that we know keep the layers that methods adapt."""

import difflib

from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.linear_layers import endings, layers_ending_in
from astraios_ray.records import Places

_SPLIT = ("q_proj", "k_proj", "v_proj")

KNOWN = {
    places.architecture: places
    for places in (
        # Astraios, training/peft_config.py. The fused c_attn makes queries, keys and values.
        Places("GPTBigCode", ("c_attn",), ("attn.c_proj",), ("c_fc",), ("mlp.c_proj",), ("c_attn",)),
        Places("GPT2", ("c_attn",), ("attn.c_proj",), ("c_fc",), ("mlp.c_proj",), ("c_attn",)),
        Places("Starcoder2", _SPLIT, ("o_proj",), ("c_fc",), ("mlp.c_proj",), ("k_proj", "v_proj")),
        # Gated MLPs have two layers at their entrance. LLM-Adapters (peft/tuners/bottleneck.py), whose code
        # Astraios took over, adapts both.
        Places("Qwen2", _SPLIT, ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",), ("k_proj", "v_proj")),
        Places("Llama", _SPLIT, ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",), ("k_proj", "v_proj")),
    )
}
NAMES = "attention_in, attention_out, mlp_in, mlp_out, key_value"


def places_of(architecture: str) -> Places:
    """The places of an architecture, ``GPTBigCode`` or ``GPTBigCodeForCausalLM``.

    Raises ConfigError for one that we do not know, saying what to give instead.
    """
    short = architecture.removesuffix("ForCausalLM").removesuffix("LMHeadModel")
    if short not in KNOWN:
        near = difflib.get_close_matches(short, KNOWN, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ConfigError(
            f"model.places: the architecture {short!r} is not known.{hint} Known: {', '.join(KNOWN)}. "
            f"For another one, give model.places with {NAMES}: the endings of its linear layers' names."
        )
    return KNOWN[short]


def places_in(model: nn.Module, given: Places | None) -> Places:
    """The places of ``model``: ``given``, or those of its architecture. Each ending was found in it.

    Raises ConfigError, with the endings that the model has.
    """
    try:
        places = given or places_of(type(model).__name__)
    except ConfigError as error:
        raise ConfigError(f"{error} Its linear layers end in: {', '.join(endings(model))}.") from None
    for field in NAMES.split(", "):
        layers_ending_in(model, field, getattr(places, field))
    return places
