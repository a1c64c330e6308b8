"""A bottleneck beside the attention's input layers.

Source: He et al. 2022 (arXiv 2110.04366) in the form that Astraios trains: beside the layer that makes
queries, keys and values, not beside the MLP. Where these are three layers, each gets its own.
"""

from dataclasses import dataclass

from torch import nn

from astraios_ray.methods.bottleneck import Bottleneck, Seat, insert_bottlenecks
from astraios_ray.methods.linear import linear_layers
from astraios_ray.methods.method import METHODS, origin_values
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.records import TargetModules


@METHODS.add("parallel")
@dataclass(frozen=True)
class Parallel(Bottleneck):
    """One bottleneck per layer of ``attention_in``."""

    def apply(self, base: nn.Module, target_modules: TargetModules, seed: int) -> TunedModel:
        """Bottlenecks beside ``attention_in``."""
        beside = dict.fromkeys(linear_layers(base, "attention_in", target_modules.attention_in), Seat.BESIDE)
        return insert_bottlenecks(base, beside, self, Origin("parallel", origin_values(self), seed))
