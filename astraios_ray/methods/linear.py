"""Properties of linear layers that methods need."""

from collections.abc import Iterable

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from astraios_ray.linear_layers import ends_in, layers_ending_in
from astraios_ray.methods.injection import refuse_if_attached


def linear_layers(base: nn.Module, field: str, suffixes: Iterable[str]) -> dict[str, nn.Module]:
    """``layers_ending_in`` of a base. Raises RuntimeError when a TunedModel is attached."""
    refuse_if_attached(base)
    return layers_ending_in(base, field, suffixes)


def features(layer: nn.Module) -> tuple[int, int]:
    """The numbers of input and output features."""
    if isinstance(layer, Conv1D):
        return int(layer.weight.shape[0]), int(layer.weight.shape[1])
    assert isinstance(layer, nn.Linear)
    return layer.in_features, layer.out_features


def is_transposed(base: nn.Module, suffixes: Iterable[str]) -> bool:
    """Whether a layer that ``suffixes`` names stores its weight as [in, out] (GPT-2's Conv1D)."""
    endings = tuple(suffixes)
    return any(isinstance(m, Conv1D) and any(ends_in(n, s) for s in endings) for n, m in base.named_modules())


def is_quantized(base: nn.Module) -> bool:
    """Whether weights of ``base`` are stored as integers."""
    return any(not p.dtype.is_floating_point for p in base.parameters())


def adapter_dtype(layer: nn.Module) -> torch.dtype:
    """float32, or float64 for a float64 layer: adapters are never stored in less than float32."""
    weight = layer.weight
    assert isinstance(weight, torch.Tensor)
    return (
        torch.promote_types(weight.dtype, torch.float32) if weight.dtype.is_floating_point else torch.float32
    )
