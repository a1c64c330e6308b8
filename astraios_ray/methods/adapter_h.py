"""A bottleneck before the MLP's input layer and one after its output layer.

Source: Houlsby et al. 2019 (arXiv 1902.00751) in the form that Astraios trains: its text says "after
attention", its code adapts the input of ``c_fc``. A gated MLP has two input layers, ``gate_proj`` and
``up_proj``; each gets its own bottleneck, as in LLM-Adapters' map for Llama.
"""

from dataclasses import dataclass

from torch import nn

from astraios_ray.methods.bottleneck import Bottleneck, insert_bottlenecks
from astraios_ray.methods.layer_updates import Position
from astraios_ray.methods.linear import linear_layers
from astraios_ray.methods.method import METHODS, origin_values
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.records import TargetModules


@METHODS.add("adapter_h")
@dataclass(frozen=True)
class AdapterH(Bottleneck):
    """Two bottlenecks (three in a gated MLP) per layer, one after the other with the MLP."""

    def apply(self, base: nn.Module, target_modules: TargetModules, seed: int) -> TunedModel:
        """Put bottlenecks before ``mlp_in`` and after ``mlp_out``."""
        inputs = dict.fromkeys(linear_layers(base, "mlp_in", target_modules.mlp_in), Position.INPUT)
        outputs = dict.fromkeys(linear_layers(base, "mlp_out", target_modules.mlp_out), Position.OUTPUT)
        return insert_bottlenecks(
            base, inputs | outputs, self, Origin("adapter_h", origin_values(self), seed)
        )
