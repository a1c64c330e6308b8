"""The linear layers that a place names, whatever class they have."""

from collections.abc import Iterable

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from astraios_ray.errors import ConfigError
from astraios_ray.methods.injection import refuse_if_attached


def linear_layers(base: nn.Module, field: str, suffixes: Iterable[str]) -> dict[str, nn.Module]:
    """The layers of ``base`` whose names end in one of ``suffixes``, by name, in the model's order.

    nn.Linear, bitsandbytes' layers (which are such) and transformers' Conv1D count. Raises ConfigError,
    naming ``model.places.<field>``, when a suffix fits nothing; RuntimeError when a Tuned is attached.
    """
    refuse_if_attached(base)
    wanted = tuple(suffixes)
    found = {
        name: module
        for name, module in base.named_modules()
        if isinstance(module, (nn.Linear, Conv1D)) and any(_fits(name, suffix) for suffix in wanted)
    }
    for suffix in wanted:
        if not any(_fits(name, suffix) for name in found):
            raise ConfigError(
                f"model.places.{field}: no linear layer of {type(base).__name__} ends in {suffix!r}. "
                f"Its linear layers end in: {', '.join(endings(base))}."
            )
    return found


def endings(base: nn.Module) -> list[str]:
    """The last two words of the names of all linear layers, each once."""
    linear = [n for n, module in base.named_modules() if isinstance(module, (nn.Linear, Conv1D))]
    return list(dict.fromkeys(".".join(name.split(".")[-2:]) for name in linear))


def features(layer: nn.Module) -> tuple[int, int]:
    """How many numbers go in, how many come out."""
    if isinstance(layer, Conv1D):
        return int(layer.weight.shape[0]), int(layer.weight.shape[1])
    assert isinstance(layer, nn.Linear)
    return layer.in_features, layer.out_features


def is_transposed(base: nn.Module, suffixes: Iterable[str]) -> bool:
    """Whether the layers that ``suffixes`` name keep their weights as [in, out] (GPT-2's Conv1D)."""
    wanted = tuple(suffixes)
    return any(isinstance(m, Conv1D) and any(_fits(n, s) for s in wanted) for n, m in base.named_modules())


def is_quantized(base: nn.Module) -> bool:
    """Whether weights of ``base`` are kept as integers."""
    return any(not p.dtype.is_floating_point for p in base.parameters())


def adapter_dtype(layer: nn.Module) -> torch.dtype:
    """float32, or float64 beside a float64 layer: adapters are never kept in less than float32."""
    weight = layer.weight
    assert isinstance(weight, torch.Tensor)
    return (
        torch.promote_types(weight.dtype, torch.float32) if weight.dtype.is_floating_point else torch.float32
    )


def _fits(name: str, suffix: str) -> bool:
    return name == suffix or name.endswith("." + suffix)
