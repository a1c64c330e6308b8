"""Where the architectures that we know keep the layers that methods adapt."""

import difflib

from torch import nn
from transformers.pytorch_utils import Conv1D

from astraios_ray.errors import ConfigError
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
    endings = _endings(model)
    try:
        places = given or places_of(type(model).__name__)
    except ConfigError as error:
        raise ConfigError(f"{error} Its linear layers end in: {', '.join(endings)}.") from None
    names = [name for name, module in model.named_modules() if isinstance(module, (nn.Linear, Conv1D))]
    for field in NAMES.split(", "):
        for suffix in getattr(places, field):
            if not any(name == suffix or name.endswith("." + suffix) for name in names):
                raise ConfigError(
                    f"model.places.{field}: no linear layer of {type(model).__name__} ends in {suffix!r}. "
                    f"Its linear layers end in: {', '.join(endings)}."
                )
    return places


def _endings(model: nn.Module) -> list[str]:
    """The last two words of the names of all linear layers, each once."""
    linear = [name for name, module in model.named_modules() if isinstance(module, (nn.Linear, Conv1D))]
    return list(dict.fromkeys(".".join(name.split(".")[-2:]) for name in linear))
