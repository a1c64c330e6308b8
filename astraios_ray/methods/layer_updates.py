"""What a method does at a linear layer of the base, in a form that lets many be computed at once."""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import torch
from torch import nn


class Position(StrEnum):
    """Where a method's function A acts at a layer y = Wx + b of the base. A does not depend on W or b.

    PARALLEL may also be at a whole module, such as an MLP.
    """

    INPUT = "input"  # W(x + A(x)) + b
    OUTPUT = "output"  # y + A(y)
    PARALLEL = "parallel"  # y + A(x)


@dataclass(frozen=True)
class LowRank:
    """A(x) = ``scale · up(f(down(dropout(x))))``; f is tanh where ``nonlinear``, else the identity.

    Computed in the weights' dtype, rounded once, after the sum.
    """

    position: Position
    down: nn.Linear  # its weight is [rank, in]
    up: nn.Linear  # its weight is [out, rank]
    dropout: nn.Module
    scale: float
    nonlinear: bool

    @property
    def kind(self) -> Hashable:
        """Updates of one kind can be stacked; ranks and scales may differ."""
        return LowRank, self.position, self.nonlinear, self.down.weight.dtype


@dataclass(frozen=True)
class Scaled:
    """Multiplies the input or the output by one factor for each feature."""

    position: Position  # INPUT or OUTPUT
    factors: torch.Tensor  # one for each feature, in any shape

    @property
    def kind(self) -> Hashable:
        """Updates of one kind can be stacked."""
        return Scaled, self.position, self.factors.dtype


@dataclass(frozen=True)
class WholeLayer:
    """The method's layer, the base's included, computes the output for its owner's rows alone."""

    layer: nn.Module


LayerUpdate: TypeAlias = LowRank | Scaled | WholeLayer
