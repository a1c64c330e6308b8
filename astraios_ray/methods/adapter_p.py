"""A bottleneck after the MLP's output layer.

Source: Pfeiffer et al. 2020 (arXiv 2005.00247) in the form that Astraios trains (``use_adapterp``).
"""

from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from astraios_ray.methods.bottleneck import Bottleneck, insert_bottlenecks
from astraios_ray.methods.layer_updates import Position
from astraios_ray.methods.linear import linear_layers
from astraios_ray.methods.method import METHODS, origin_values
from astraios_ray.methods.requirements import require_layers
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.records import TargetModules


@METHODS.add("adapter_p")
@dataclass(frozen=True)
class AdapterP(Bottleneck):
    """One bottleneck per layer."""

    needs: ClassVar[tuple[str, ...]] = ("mlp_out",)

    def apply(self, base: nn.Module, target_modules: TargetModules, seed: int) -> TunedModel:
        """Put bottlenecks after ``mlp_out``."""
        require_layers("adapter_p", self.needs, base, target_modules)
        positions = dict.fromkeys(linear_layers(base, "mlp_out", target_modules.mlp_out), Position.OUTPUT)
        return insert_bottlenecks(base, positions, self, Origin("adapter_p", origin_values(self), seed))
