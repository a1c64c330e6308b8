"""A bottleneck parallel to the attention's input layers, or to the MLP.

Source: He et al. 2022 (arXiv 2110.04366) in the form that Astraios trains: parallel to the layer that
makes queries, keys and values, not to the MLP. Where these are three layers, each gets its own.
``placement`` he is He's: parallel to the MLP. He et al. use ``scaling`` 4 and ``init`` mam with it.
"""

from dataclasses import dataclass, field
from typing import Literal

from torch import nn

from astraios_ray.methods.bottleneck import Bottleneck, insert_bottlenecks
from astraios_ray.methods.hyperparameters import SINCE_0_2
from astraios_ray.methods.layer_updates import Position
from astraios_ray.methods.linear import linear_layers, mlps
from astraios_ray.methods.method import METHODS, origin_values
from astraios_ray.methods.requirements import require_layers
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.records import TargetModules


@METHODS.add("parallel")
@dataclass(frozen=True)
class Parallel(Bottleneck):
    """One bottleneck per layer of ``attention_in``, or per MLP."""

    placement: Literal["astraios", "he"] = field(default="astraios", metadata=SINCE_0_2)

    @property
    def needs(self) -> tuple[str, ...]:
        """The fields of TargetModules whose layers, or whose modules, get a bottleneck."""
        return ("mlp_in", "mlp_out") if self.placement == "he" else ("attention_in",)

    def apply(self, base: nn.Module, target_modules: TargetModules, seed: int) -> TunedModel:
        """Put bottlenecks parallel to ``attention_in``, or to the MLPs."""
        require_layers("parallel", self.needs, base, target_modules)
        if self.placement == "he":
            modules = mlps(base, target_modules)
        else:
            modules = linear_layers(base, "attention_in", target_modules.attention_in)
        positions = dict.fromkeys(modules, Position.PARALLEL)
        return insert_bottlenecks(base, positions, self, Origin("parallel", origin_values(self), seed))
