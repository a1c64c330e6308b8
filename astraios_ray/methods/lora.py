"""Low-rank updates of frozen weights.

Source: Hu et al. 2021 (arXiv 2106.09685). Target modules and defaults: Astraios, ``training/peft_config.py``
(r 8, alpha 16, dropout 0.05 on the attention's layers and the MLP's output; the MLP's input is not adapted).
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal

import peft
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.methods.hyperparameters import SINCE_0_2
from astraios_ray.methods.layer_updates import LowRank, Position, WholeLayer
from astraios_ray.methods.linear import is_transposed, linear_layers, quantization_of
from astraios_ray.methods.method import METHODS, origin_values
from astraios_ray.methods.pissa import TunedPissa, refuse_pissa
from astraios_ray.methods.requirements import require_layers
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.through_peft import ADAPTER, TunedLayers, apply_peft
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.records import MethodTraits, TargetModules

TARGETS = {  # the fields of TargetModules whose layers are adapted
    "attention": ("attention_in", "attention_out"),
    "attention+mlp_out": ("attention_in", "attention_out", "mlp_out"),
    "all-linear": ("attention_in", "attention_out", "mlp_in", "mlp_out"),
}


@METHODS.add("lora")
@dataclass(frozen=True)
class Lora:
    """y = Wx + b + scale · B(A(dropout(x))), B starting at zero; scale is alpha / r.

    ``init`` kaiming draws A at random. pissa starts at the largest singular values of W (arXiv 2404.02948),
    pissa_niter_16 at a randomised approximation of them, which takes seconds where pissa takes minutes.
    """

    r: int = 8
    alpha: int = 16
    dropout: float = 0.05
    rslora: bool = False  # scale is alpha / sqrt(r) (Kalajdzievski 2023, arXiv 2312.03732)
    dora: bool = False  # the weight's length is trained separately (Liu et al. 2024, arXiv 2402.09353)
    target: Literal["attention", "attention+mlp_out", "all-linear"] = field(
        default="attention+mlp_out", metadata=SINCE_0_2
    )
    init: Literal["kaiming", "pissa", "pissa_niter_16"] = field(default="kaiming", metadata=SINCE_0_2)
    traits: ClassVar[MethodTraits] = MethodTraits()
    needs: ClassVar[tuple[str, ...]] = ("attention_in", "attention_out")

    def __post_init__(self) -> None:
        if self.r < 1 or self.alpha <= 0 or not 0 <= self.dropout < 1:
            raise ConfigError(
                f"Method 'lora': found r {self.r}, alpha {self.alpha}, dropout {self.dropout}; "
                "expected r of at least 1, alpha above 0, dropout from 0 to below 1."
            )

    def refuse_quantization(self, quantization: str) -> None:
        """Raise ConfigError where it starts from the base's weights and these are rounded."""
        if self.init != "kaiming" and quantization != "none":
            raise ConfigError(
                f"Method 'lora': init {self.init} decomposes the base's weights, which {quantization} "
                "rounds. Set model.quantization to none, or init to kaiming."
            )

    def apply(self, base: nn.Module, target_modules: TargetModules, seed: int) -> TunedModel:
        """Put LoRA on the layers of ``target``; on those of the attention alone where an MLP has none."""
        self.refuse_quantization(quantization_of(base))
        require_layers("lora", self.needs, base, target_modules)
        targets = self._targets(base, target_modules)
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
        kind = TunedLayers if self.init == "kaiming" else TunedPissa
        return apply_peft(base, config, origin, bare=True, describe=self._describe, kind=kind)

    def _targets(self, base: nn.Module, target_modules: TargetModules) -> list[str]:
        """The endings of the names of the layers that are adapted."""
        suffixes: list[str] = []
        for kind in filter(partial(getattr, target_modules), TARGETS[self.target]):
            suffixes += getattr(target_modules, kind)
            for name, layer in linear_layers(base, kind, getattr(target_modules, kind)).items():
                if self.init != "kaiming":
                    refuse_pissa(layer, name, self.r)
        return suffixes

    def _describe(self, layer: Any) -> LowRank | WholeLayer:
        """The update of ``layer``; with DoRA it depends on the base's weights."""
        if self.dora:
            return WholeLayer(layer)
        down, up, dropout = (part[ADAPTER] for part in (layer.lora_A, layer.lora_B, layer.lora_dropout))
        scale = float(layer.scaling[ADAPTER])
        return LowRank(Position.PARALLEL, down, up, dropout, scale, nonlinear=False)
