"""The linear layers of a model's text part by the endings of their names, whatever class they have."""

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from astraios_ray.encoder_decoder import is_encoder_decoder
from astraios_ray.errors import ConfigError


def layers_ending_in(model: nn.Module, field: str, suffixes: Iterable[str]) -> dict[str, nn.Module]:
    """The linear layers whose names end in one of ``suffixes``, by name, in the model's order.

    nn.Linear, its subclasses of bitsandbytes and transformers' Conv1D count. Raises ConfigError, naming
    ``model.target_modules.<field>`` and the endings of the model's layers, when a suffix fits none.
    """
    linear, matches = text_layers(model), dict[str, nn.Module]()
    for suffix in suffixes:
        fitting = {name: layer for name, layer in linear.items() if ends_in(name, suffix)}
        if not fitting:
            raise ConfigError(
                f"model.target_modules.{field}: no linear layer of {type(model).__name__} ends in "
                f"{suffix!r}. Its linear layers end in: {', '.join(endings(model))}."
            )
        matches |= fitting
    return {name: layer for name, layer in linear.items() if name in matches}


def ends_in(name: str, suffix: str) -> bool:
    """Whether ``suffix`` is the end of a dotted name: ``c_proj`` of ``mlp.c_proj``, not of ``xc_proj``."""
    return name == suffix or name.endswith("." + suffix)


def endings(model: nn.Module) -> list[str]:
    """The last two words of the names of all linear layers, each once."""
    return list(dict.fromkeys(".".join(name.split(".")[-2:]) for name in text_layers(model)))


def text_prefix(model: Any) -> str:
    """What the names of all layers begin with that read text, where a model has others (a vision tower)."""
    config: Any = getattr(model, "config", None)
    if config is None or is_encoder_decoder(model) or config.get_text_config(decoder=True) is config:
        return ""
    decoder = model.get_decoder()
    return next((f"{name}." for name, module in model.named_modules() if name and module is decoder), "")


def quantizable_weights(model: Any) -> Iterator[torch.Tensor]:
    """The weights that transformers has bitsandbytes round: of layers of no other class, and of no head."""
    head = model.get_output_embeddings()
    for layer in model.modules():
        if (type(layer) is nn.Linear or isinstance(layer, Conv1D)) and layer is not head:
            yield layer.weight


def features_of(layer: nn.Module) -> tuple[int, int]:
    """The numbers of input and output features of a linear layer."""
    if isinstance(layer, Conv1D):
        return int(layer.weight.shape[0]), int(layer.weight.shape[1])
    linear: Any = layer
    return int(linear.in_features), int(linear.out_features)


def weights_outside(model: nn.Module, suffixes: Iterable[str]) -> dict[str, int]:
    """The matrices in the blocks of a model that are in no layer of ``suffixes``: the size of each kind.

    A kind is a name without the block and without numbers: ``mlp.experts.down_proj``.
    """
    endings_, prefix = tuple(suffixes), text_prefix(model)
    kinds: dict[str, int] = {}
    for name, module in model.named_modules():
        block = block_of(name + ".")
        if not block or not name.startswith(prefix) or any(ends_in(name, s) for s in endings_):
            continue
        for weight, values in module.named_parameters(recurse=False):
            if values.dim() > 1:
                inside = f"{name}.{weight}".removeprefix(f"{block}.").removesuffix(".weight")
                kind = ".".join(part for part in inside.split(".") if not part.isdecimal())
                kinds[kind] = kinds.get(kind, 0) + _numbers(module, values)
    return kinds


def block_of(name: str) -> str:
    """The part of a layer's name that ends with the first number, ``model.layers.0``; empty without one."""
    parts = name.split(".")[:-1]
    number = next((i for i, part in enumerate(parts) if part.isdecimal()), None)
    return "" if number is None else ".".join(parts[: number + 1])


def _numbers(module: nn.Module, weight: torch.Tensor) -> int:
    """The numbers of a weight; of a linear layer, whose weight may be packed, by its features."""
    return prod(features_of(module)) if isinstance(module, (nn.Linear, Conv1D)) else weight.numel()


def text_layers(model: nn.Module) -> dict[str, nn.Module]:
    """The linear layers of the part that reads text, by name, in the model's order."""
    linear = {name: layer for name, layer in model.named_modules() if isinstance(layer, (nn.Linear, Conv1D))}
    prefix = text_prefix(model)
    return {name: layer for name, layer in linear.items() if name.startswith(prefix)}
