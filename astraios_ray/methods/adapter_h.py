"""A bottleneck before the MLP's input layer and one after its output layer, or one after each sublayer.

Source: Houlsby et al. 2019 (arXiv 1902.00751) in the form that Astraios trains: its text says "after
attention", its code adapts the input of ``c_fc``. A gated MLP has two input layers, ``gate_proj`` and
``up_proj``; each gets its own bottleneck, as in LLM-Adapters' map for Llama. ``placement`` houlsby is the
text's and Houlsby's: one after the attention, one after the MLP.
"""

from dataclasses import dataclass, field
from typing import Literal

from torch import nn

from astraios_ray.methods.bottleneck import Bottleneck, insert_bottlenecks
from astraios_ray.methods.hyperparameters import SINCE_0_2
from astraios_ray.methods.layer_updates import Position
from astraios_ray.methods.linear import linear_layers
from astraios_ray.methods.method import METHODS, origin_values
from astraios_ray.methods.requirements import require_layers
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.records import TargetModules


@METHODS.add("adapter_h")
@dataclass(frozen=True)
class AdapterH(Bottleneck):
    """Two bottlenecks per layer; with ``placement`` astraios three where the MLP is gated."""

    placement: Literal["astraios", "houlsby"] = field(default="astraios", metadata=SINCE_0_2)

    @property
    def needs(self) -> tuple[str, ...]:
        """The fields of TargetModules whose layers get a bottleneck."""
        return ("attention_out" if self.placement == "houlsby" else "mlp_in"), "mlp_out"

    def apply(self, base: nn.Module, target_modules: TargetModules, seed: int) -> TunedModel:
        """Put bottlenecks before ``mlp_in``, or after ``attention_out``, and after ``mlp_out``."""
        require_layers("adapter_h", self.needs, base, target_modules)
        if self.placement == "houlsby":
            attention = linear_layers(base, "attention_out", target_modules.attention_out)
            inputs = dict.fromkeys(attention, Position.OUTPUT)
        else:
            inputs = dict.fromkeys(linear_layers(base, "mlp_in", target_modules.mlp_in), Position.INPUT)
        outputs = dict.fromkeys(linear_layers(base, "mlp_out", target_modules.mlp_out), Position.OUTPUT)
        return insert_bottlenecks(
            base, inputs | outputs, self, Origin("adapter_h", origin_values(self), seed)
        )
