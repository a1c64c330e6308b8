"""Trained scales of keys, values and the input of the MLP's output layer.

Source: Liu et al. 2022 (arXiv 2205.05638). Target modules: Astraios, ``training/peft_config.py``: outputs of
the layers that make keys and values (a fused layer is scaled as a whole, queries too), inputs of the MLP's
output layer.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import peft
from torch import nn

from astraios_ray.methods.injection import refuse_if_attached
from astraios_ray.methods.layer_updates import Position, Scaled
from astraios_ray.methods.linear import is_transposed
from astraios_ray.methods.method import METHODS
from astraios_ray.methods.requirements import require_layers
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.through_peft import ADAPTER, apply_peft
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.records import MethodTraits, TargetModules


@METHODS.add("ia3")
@dataclass(frozen=True)
class Ia3:
    """Vectors that start at one. Has no hyperparameters."""

    traits: ClassVar[MethodTraits] = MethodTraits()
    needs: ClassVar[tuple[str, ...]] = ("key_value",)

    def apply(self, base: nn.Module, target_modules: TargetModules, seed: int) -> TunedModel:
        """Put (IA)3 on keys, values and the MLP's output layer, where the MLP has such a layer."""
        require_layers("ia3", self.needs, base, target_modules)
        refuse_if_attached(base)
        targets = [*target_modules.key_value, *target_modules.mlp_out]
        config = peft.IA3Config(
            target_modules=targets,
            feedforward_modules=list(target_modules.mlp_out),
            fan_in_fan_out=is_transposed(base, targets),
        )
        return apply_peft(base, config, Origin("ia3", {}, seed), bare=True, describe=_describe)


def _describe(layer: Any) -> Scaled:
    """The update of ``layer``: peft multiplies either its input or its output."""
    return Scaled(Position.INPUT if layer.is_feedforward else Position.OUTPUT, layer.ia3_l[ADAPTER])
