"""The bottleneck of the three adapter methods, which differ only in its position.

A(x) = scaling · up(tanh(down(dropout(x)))), without biases. Source: Astraios,
``peft/src/peft/tuners/bottleneck.py``, which goes back to LLM-Adapters (Hu et al. 2023, arXiv 2304.01933).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.methods.injection import injecting, seeded
from astraios_ray.methods.layer_updates import LowRank, Position
from astraios_ray.methods.linear import adapter_dtype, features
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.records import MethodTraits

BERT_DEVIATION = 0.02
PREFIX = "base_model.model."  # the names in the file are those of Astraios' own checkpoints


@dataclass(frozen=True)
class Bottleneck:
    """The hyperparameters of the three adapter methods.

    init "bert" draws both layers from a normal distribution of deviation 0.02, so that training does not
    start at the base's function. "mam" (He et al. 2022, arXiv 2110.04366) starts at it: ``up`` is zero.
    """

    bottleneck: int = 256
    init: Literal["bert", "mam"] = "bert"
    dropout: float = 0.0
    scaling: float = 1.0
    traits: ClassVar[MethodTraits] = MethodTraits(
        why_not_merged="bends what flows through it (tanh), which no weight of the base can do"
    )

    def __post_init__(self) -> None:
        if self.bottleneck < 1 or not 0 <= self.dropout < 1 or not math.isfinite(self.scaling):
            raise ConfigError(
                f"{type(self).__name__}: found bottleneck {self.bottleneck}, dropout {self.dropout}, scaling "
                f"{self.scaling}; expected at least 1, from 0 to below 1, a finite number."
            )


class Adapted(nn.Module):
    """A frozen layer or MLP with a bottleneck, computed in float32 where the layer's dtype is narrower."""

    def __init__(self, layer: nn.Module, position: Position, size: Bottleneck) -> None:
        super().__init__()
        wide_in, wide_out = features(layer)
        first = wide_out if position is Position.OUTPUT else wide_in
        last = wide_in if position is Position.INPUT else wide_out
        dtype = adapter_dtype(layer)
        self.base_layer = layer
        self.position, self.scaling = position, size.scaling
        self.dropout = nn.Dropout(size.dropout)
        self.adapter_down = nn.Linear(first, size.bottleneck, bias=False, dtype=dtype)
        self.adapter_up = nn.Linear(size.bottleneck, last, bias=False, dtype=dtype)
        self._start(size.init)

    @property
    def weight(self) -> torch.Tensor:
        """The frozen layer's, whose dtype some models ask for."""
        weight: torch.Tensor = self.base_layer.weight  # type: ignore[assignment]  # a Module may hold anything
        return weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``x`` [..., in] to [..., out]."""
        if self.position is Position.INPUT:
            y: torch.Tensor = self.base_layer((x + self.adapt(x)).to(x.dtype))
            return y
        z: torch.Tensor = self.base_layer(x)
        return (z + self.adapt(z if self.position is Position.OUTPUT else x)).to(z.dtype)

    def adapt(self, x: torch.Tensor) -> torch.Tensor:
        """A(x), in the weights' dtype."""
        hidden = torch.tanh(self.adapter_down(self.dropout(x.to(self.adapter_down.weight.dtype))))
        adapted: torch.Tensor = self.adapter_up(hidden)
        return adapted * self.scaling

    def _start(self, init: str) -> None:
        if init == "bert":
            nn.init.normal_(self.adapter_down.weight, std=BERT_DEVIATION)
            nn.init.normal_(self.adapter_up.weight, std=BERT_DEVIATION)
        else:
            nn.init.kaiming_uniform_(self.adapter_down.weight, a=math.sqrt(5))
            nn.init.zeros_(self.adapter_up.weight)


class TunedBottleneck(TunedModel):
    """Bottlenecks at layers of a shared base. They are not linear, so they cannot be merged."""

    def _stored(self) -> dict[str, torch.Tensor]:
        return {PREFIX + name: parameter for name, parameter in self._trainable.items()}


def _describe(layer: Adapted) -> LowRank:
    return LowRank(
        position=layer.position,
        down=layer.adapter_down,
        up=layer.adapter_up,
        dropout=layer.dropout,
        scale=layer.scaling,
        nonlinear=True,
    )


def insert_bottlenecks(
    base: nn.Module, positions: Mapping[str, Position], size: Bottleneck, origin: Origin
) -> TunedBottleneck:
    """Put a bottleneck at each layer named in ``positions``, in that order."""
    trainable: dict[str, nn.Parameter] = {}
    with seeded(base, origin.seed), injecting(base, _describe) as replacements:
        for name, position in positions.items():
            layer = base.get_submodule(name)
            adapted = Adapted(layer, position, size)
            parent, _, last = name.rpartition(".")
            setattr(base.get_submodule(parent), last, adapted.train(layer.training))
            for part in ("adapter_down", "adapter_up"):
                adapted.get_submodule(part).to(next(layer.parameters()).device)
                trainable[f"{name}.{part}.weight"] = adapted.get_parameter(f"{part}.weight")
    return TunedBottleneck(base, trainable, origin, replacements)
