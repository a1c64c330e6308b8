"""Low-rank updates of frozen weights.

Source: Hu et al. 2021 (arXiv 2106.09685). Target modules and defaults: Astraios, ``training/peft_config.py``
(r 8, alpha 16, dropout 0.05 on the attention's layers and the MLP's output; the MLP's input is not adapted).
"""

from dataclasses import dataclass
from typing import Any

import peft
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.methods.layer_updates import LowRank, Position
from astraios_ray.methods.linear import is_transposed, linear_layers
from astraios_ray.methods.method import METHODS, origin_values
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.through_peft import ADAPTER, apply_peft
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.records import MethodTraits, TargetModules


@METHODS.add("lora")
@dataclass(frozen=True)
class Lora:
    """y = Wx + b + scale · B(A(dropout(x))), B starting at zero; scale is alpha / r."""

    r: int = 8
    alpha: int = 16
    dropout: float = 0.05
    rslora: bool = False  # scale is alpha / sqrt(r) (Kalajdzievski 2023, arXiv 2312.03732)
    dora: bool = False  # the weight's length is trained separately (Liu et al. 2024, arXiv 2402.09353)

    def __post_init__(self) -> None:
        if self.r < 1 or self.alpha <= 0 or not 0 <= self.dropout < 1:
            raise ConfigError(
                f"Method 'lora': found r {self.r}, alpha {self.alpha}, dropout {self.dropout}; "
                "expected r of at least 1, alpha above 0, dropout from 0 to below 1."
            )

    @property
    def traits(self) -> MethodTraits:
        """An adapter's; DoRA depends on the base's weights, which no shared pass computes."""
        return MethodTraits(packs=not self.dora)

    def apply(self, base: nn.Module, target_modules: TargetModules, seed: int) -> TunedModel:
        """Put LoRA on the attention's layers and the MLP's output."""
        linear_layers(base, "attention_in", target_modules.attention_in)
        linear_layers(base, "attention_out", target_modules.attention_out)
        linear_layers(base, "mlp_out", target_modules.mlp_out)
        targets = [*target_modules.attention_in, *target_modules.attention_out, *target_modules.mlp_out]
        config = peft.LoraConfig(
            r=self.r,
            lora_alpha=self.alpha,
            lora_dropout=self.dropout,
            target_modules=targets,
            fan_in_fan_out=is_transposed(base, targets),
            use_rslora=self.rslora,
            use_dora=self.dora,
        )
        origin = Origin("lora", origin_values(self), seed)
        return apply_peft(base, config, origin, bare=True, describe=self._describe)

    def _describe(self, layer: Any) -> LowRank | None:
        """The update of ``layer``; None with DoRA, which depends on the base's weights."""
        if self.dora:
            return None
        down, up, dropout = (part[ADAPTER] for part in (layer.lora_A, layer.lora_B, layer.lora_dropout))
        scale = float(layer.scaling[ADAPTER])
        return LowRank(Position.PARALLEL, down.weight, up.weight, dropout, scale, nonlinear=False)
