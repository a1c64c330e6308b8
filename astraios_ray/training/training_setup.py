"""What a trial trains and in which precision, as the record has it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch
from torch import nn

from astraios_ray.linear_layers import weights_outside
from astraios_ray.methods.method import TunedModel
from astraios_ray.records import TargetModules, TrainingSetup

EVERY_WEIGHT = "every weight"
VIRTUAL_TOKENS = "virtual tokens"
NUMBER = re.compile(r"\d+")
LARGE = 0.05  # share of the weights of all blocks; routers have less


def training_setup(
    tuned: TunedModel,
    target_modules: TargetModules,
    weights: Iterable[torch.Tensor],
    moments: str,
    front: Sequence[str] | None,
) -> TrainingSetup:
    """The setup of a trial of ``tuned``, whose optimiser updates ``weights``.

    ``moments`` is the dtype of its moments, ``front`` the special tokens at the beginning of its texts.
    """
    return TrainingSetup(
        hyperparameters=dict(tuned.origin.hyperparameters),
        targets=_targets(tuned),
        weights=dtype_names(weights),
        moments=moments,
        front=None if front is None else tuple(front),
        out_of_reach=out_of_reach(tuned.base, target_modules) if tuned.replacements else (),
    )


def out_of_reach(model: nn.Module, target_modules: TargetModules) -> tuple[str, ...]:
    """The kinds of large weights in the blocks that no method for linear layers adapts: fused experts."""
    fields = asdict(target_modules)
    del fields["architecture"]
    total = sum(weights_outside(model, ()).values())
    others = weights_outside(model, [ending for endings in fields.values() for ending in endings])
    return tuple(kind for kind, numbers in others.items() if numbers >= LARGE * total)


def dtype_names(tensors: Iterable[torch.Tensor]) -> str:
    """The dtypes of the tensors: ``float32``, or ``float32 and uint8``."""
    return " and ".join(sorted({str(tensor.dtype).removeprefix("torch.") for tensor in tensors}))


def moments_of(optimizer: torch.optim.Optimizer, weights: Mapping[str, nn.Parameter]) -> list[torch.Tensor]:
    """The moments in an optimiser's state: its tensors of a weight's shape. None before the first step."""
    state: Mapping[Any, Mapping[str, Any]] = optimizer.state
    return [
        value
        for weight in weights.values()
        for name, value in state.get(weight, {}).items()
        if name != "step" and isinstance(value, torch.Tensor) and value.shape == weight.shape
    ]


def _targets(tuned: TunedModel) -> tuple[str, ...]:
    """Kinds of layers, in the base's order: ``attn.c_attn``."""
    if not tuned.replacements:
        frozen = any(not parameter.requires_grad for parameter in tuned.model.parameters())
        return (VIRTUAL_TOKENS if frozen else EVERY_WEIGHT,)
    names = {id(module): name for name, module in tuned.model.named_modules()}
    kinds = (f"{names.get(id(r.parent), '')}.{r.name}".split(".") for r in tuned.replacements)
    return tuple(dict.fromkeys(_kind(parts) for parts in kinds))


def _kind(parts: Sequence[str]) -> str:
    """The last two names of a path that are no numbers of layers."""
    return ".".join([part for part in parts if part and not NUMBER.fullmatch(part)][-2:])
