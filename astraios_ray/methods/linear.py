"""Properties of linear layers that methods need."""

from collections.abc import Iterable

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from astraios_ray.errors import ConfigError
from astraios_ray.linear_layers import ends_in, features_of, layers_ending_in
from astraios_ray.methods.injection import refuse_if_attached
from astraios_ray.records import TargetModules


def linear_layers(base: nn.Module, field: str, suffixes: Iterable[str]) -> dict[str, nn.Module]:
    """``layers_ending_in`` of a base. Raises RuntimeError when a TunedModel is attached."""
    refuse_if_attached(base)
    return layers_ending_in(base, field, suffixes)


def mlps(base: nn.Module, target_modules: TargetModules) -> dict[str, nn.Module]:
    """The modules that hold an MLP and nothing else. Raises ConfigError where an MLP has no such module."""
    inputs = linear_layers(base, "mlp_in", target_modules.mlp_in)
    outputs = linear_layers(base, "mlp_out", target_modules.mlp_out)
    modules = {name: base.get_submodule(name) for name in (n.rpartition(".")[0] for n in outputs)}
    for name, module in modules.items():
        layers = {f"{name}.{n}" for n, m in module.named_modules() if isinstance(m, (nn.Linear, Conv1D))}
        others = sorted(layers - inputs.keys() - outputs.keys())
        if others or not layers & inputs.keys():
            what = f"{name} also holds {others[0]}" if others else f"{name} holds no layer of mlp_in"
            raise ConfigError(f"{type(base).__name__} has no module for the MLP alone: {what}.")
    return modules


def features(module: nn.Module) -> tuple[int, int]:
    """The numbers of input and output features, of a linear layer or of a module from one to another."""
    layers = [layer for layer in module.modules() if isinstance(layer, (nn.Linear, Conv1D))]
    return features_of(layers[0])[0], features_of(layers[-1])[1]


def is_transposed(base: nn.Module, suffixes: Iterable[str]) -> bool:
    """Whether a layer that ``suffixes`` names stores its weight as [in, out] (GPT-2's Conv1D)."""
    endings = tuple(suffixes)
    return any(isinstance(m, Conv1D) and any(ends_in(n, s) for s in endings) for n, m in base.named_modules())


def is_quantized(base: nn.Module) -> bool:
    """Whether weights of ``base`` are stored as integers."""
    return quantization_of(base) != "none"


def quantization_of(base: nn.Module) -> str:
    """none, int8 or nf4, by the integers in which weights of ``base`` are stored."""
    dtypes = {parameter.dtype for parameter in base.parameters()}
    return "int8" if torch.int8 in dtypes else "nf4" if torch.uint8 in dtypes else "none"


def adapter_dtype(module: nn.Module) -> torch.dtype:
    """float32, or float64 for a float64 module: adapters are never stored in less than float32."""
    weight = next(module.parameters())
    return (
        torch.promote_types(weight.dtype, torch.float32) if weight.dtype.is_floating_point else torch.float32
    )
