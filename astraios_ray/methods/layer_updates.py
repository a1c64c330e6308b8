"""What a method's layer does at a layer of the base, said so that many can be computed at once."""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import torch
from torch import nn


class Side(StrEnum):
    """Where a method's layer changes what the base's own layer does. It does not look at the weights."""

    BEFORE = "before"  # what goes in, and nothing else
    AFTER = "after"  # what comes out; it may look at what went in


@dataclass(frozen=True)
class LowRank:
    """Adds ``scale · up(f(down(dropout(seen))))``; f is tanh where it ``bends``, else nothing.

    Computed in the weights' type, rounded once, after the sum.
    """

    side: Side
    sees: Side  # AFTER: what comes out
    down: torch.Tensor  # [rank, in]
    up: torch.Tensor  # [out, rank]
    dropout: nn.Module
    scale: float
    bends: bool

    @property
    def kind(self) -> Hashable:
        """Changes of one kind can be stacked; ranks and scales may differ."""
        return LowRank, self.side, self.sees, self.bends, self.down.dtype


@dataclass(frozen=True)
class Scaled:
    """Multiplies by one number for each feature."""

    side: Side
    factors: torch.Tensor  # as many as features, in whatever shape

    @property
    def sees(self) -> Side:
        """What it scales."""
        return self.side

    @property
    def kind(self) -> Hashable:
        """As for LowRank."""
        return Scaled, self.side, self.factors.dtype


LayerUpdate: TypeAlias = LowRank | Scaled
