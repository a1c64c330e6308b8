"""The target modules of a model: the linear layers that methods adapt."""

from collections.abc import Sequence

from torch import nn

from astraios_ray.linear_layers import ends_in, layers_ending_in, text_prefix
from astraios_ray.models.block_layers import layers_by_field
from astraios_ray.records import TARGET_FIELDS, TargetModules

PINNED = {
    target_modules.architecture: target_modules
    for target_modules in (
        # Astraios, training/peft_config.py. The fused c_attn makes queries, keys and values.
        TargetModules("GPTBigCode", ("c_attn",), ("attn.c_proj",), ("c_fc",), ("mlp.c_proj",), ("c_attn",)),
        # The structure gives the same layers as c_proj; adapters of earlier versions name them so.
        TargetModules(
            "Starcoder2", ("q_proj", "k_proj", "v_proj"), ("o_proj",), ("c_fc",), ("mlp.c_proj",),
            ("k_proj", "v_proj"),
        ),
    )
}  # fmt: skip


def find_target_modules(model: nn.Module, override: TargetModules | None) -> TargetModules:
    """The target modules of ``model``: ``override``, or those of PINNED, or those that its structure shows.

    A field is empty where the structure has no such layer; a method that needs one says so. Raises
    ConfigError for an ending of ``override`` that no layer has, with the endings that the model has.
    """
    target_modules = override or PINNED.get(architecture_of(model))
    if target_modules is None:
        fields = layers_by_field(model).items()
        endings = {field: shortest_endings(model, names) for field, names in fields}
        return TargetModules(architecture_of(model), **endings)
    for field in TARGET_FIELDS:
        layers_ending_in(model, field, getattr(target_modules, field))
    return target_modules


def architecture_of(model: nn.Module) -> str:
    """The name of the model's class without its task: ``GPTBigCode``."""
    return type(model).__name__.removesuffix("ForCausalLM").removesuffix("LMHeadModel")


def shortest_endings(model: nn.Module, layers: Sequence[str]) -> tuple[str, ...]:
    """The fewest last words of names that fit ``layers`` and no other module that reads text."""
    prefix, chosen = text_prefix(model), set(layers)
    names = (name for name, _ in model.named_modules() if name.startswith(prefix))
    others = [name for name in names if name not in chosen]
    endings: dict[str, None] = {}
    for layer in layers:
        if not any(ends_in(layer, ending) for ending in endings):
            endings[_shortest(layer, others)] = None
    return tuple(endings)


def _shortest(layer: str, others: Sequence[str]) -> str:
    """The shortest end of a name that begins with a word and is the end of no other name."""
    parts = layer.split(".")
    ends = [".".join(parts[-n:]) for n in range(1, len(parts)) if not parts[-n].isdecimal()]
    return next((end for end in ends if not any(ends_in(name, end) for name in others)), layer)
