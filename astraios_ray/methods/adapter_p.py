"""A bottleneck after the MLP's output layer.

Source: Pfeiffer et al. 2020 (arXiv 2005.00247) in the form that Astraios trains (``use_adapterp``).
"""

from dataclasses import dataclass

from torch import nn

from astraios_ray.methods.bottleneck import Bottleneck, Seat, insert_bottlenecks
from astraios_ray.methods.linear import linear_layers
from astraios_ray.methods.method import METHODS, origin_values
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.records import TargetModules


@METHODS.add("adapter_p")
@dataclass(frozen=True)
class AdapterP(Bottleneck):
    """One bottleneck per layer."""

    def apply(self, base: nn.Module, target_modules: TargetModules, seed: int) -> TunedModel:
        """Bottlenecks after ``mlp_out``."""
        after = dict.fromkeys(linear_layers(base, "mlp_out", target_modules.mlp_out), Seat.AFTER)
        return insert_bottlenecks(base, after, self, Origin("adapter_p", origin_values(self), seed))
