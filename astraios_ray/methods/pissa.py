"""PiSSA: LoRA that starts at the largest singular values of the weights, on a base that stays as it is.

Source: Meng et al. 2024 (arXiv 2404.02948). With B0 A0 the best approximation of W / s of rank r, it trains
(W - s B0 A0) + s B A from B = B0, A = A0. peft subtracts s B0 A0 from the base's weights. Here the frozen
pair is a part of the update, s [B, -B0] [A; A0], which is a LoRA of rank 2r. Dropout acts on the whole
update, so that training starts at the base; peft's acts on s B A alone.
"""

from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from astraios_ray.errors import ConfigError
from astraios_ray.methods.injection import seeded
from astraios_ray.methods.linear import features
from astraios_ray.methods.stored import copy_tensors
from astraios_ray.methods.through_peft import (
    ADAPTER,
    TunedLayers,
    save_peft_config,
    stored_in_peft_layout,
)

NITER = 16  # iterations of the randomised decomposition, as peft's documentation advises


class Beside(nn.Module):
    """A parametrization: the trained weight with a frozen one beside it."""

    def __init__(self, initial: torch.Tensor, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.initial: torch.Tensor
        self.register_buffer("initial", initial)

    def forward(self, trained: torch.Tensor) -> torch.Tensor:
        """The two, joined along ``dim``."""
        return torch.cat([trained, self.initial], self.dim)


class TunedPissa(TunedLayers):
    """LoRA's layers, each with the frozen factors at which it started.

    The file is that of a LoRA of rank 2r: peft puts it on the base as it is.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        with seeded(self._wrapper, self.origin.seed), torch.no_grad():
            for replacement in self.replacements:
                _start(replacement.layer, exact=self.origin.hyperparameters["init"] == "pissa")

    def _stored(self) -> dict[str, torch.Tensor]:
        tensors = stored_in_peft_layout(self._wrapper).items()
        others = {name: tensor for name, tensor in tensors if "parametrizations" not in name}
        return others | {name: torch.cat(parts, dim) for name, (parts, dim) in self._factors().items()}

    def _load_tensors(self, path: Path) -> None:
        joined = self._stored()
        copy_tensors(path, joined)
        for name, (parts, dim) in self._factors().items():
            for part, values in zip(parts, joined[name].chunk(2, dim), strict=True):
                part.copy_(values)

    def _save_more(self, folder: Path) -> None:
        config = self._wrapper.peft_config[ADAPTER]
        alpha = config.lora_alpha * (2**0.5 if config.use_rslora else 2)  # the scale stays
        save_peft_config(self._wrapper, folder, r=2 * config.r, lora_alpha=alpha, init_lora_weights=True)

    def _factors(self) -> dict[str, tuple[tuple[torch.Tensor, torch.Tensor], int]]:
        """By name in peft's file: the trained and the frozen part of A or B, and where they join."""
        factors = {}
        for name, module in self._wrapper.named_modules():
            if parametrize.is_parametrized(module, "weight"):
                parts = module.parametrizations.weight
                stored_name = f"{name.replace(f'.{ADAPTER}', '')}.weight"
                factors[stored_name] = (parts.original, parts[0].initial), parts[0].dim
        return factors


def _start(layer: Any, *, exact: bool) -> None:
    """Set A and B of peft's ``layer`` to the factors of its weight, and put these, frozen, beside them."""
    down, up = layer.lora_A[ADAPTER], layer.lora_B[ADAPTER]
    weight = layer.get_base_layer().weight.to(down.weight.dtype)
    first, second = _factorised(
        weight.T if layer.fan_in_fan_out else weight, layer.r[ADAPTER], layer.scaling[ADAPTER], exact=exact
    )
    down.weight.copy_(second)
    up.weight.copy_(first)
    parametrize.register_parametrization(down, "weight", Beside(second, 0), unsafe=True)
    parametrize.register_parametrization(up, "weight", Beside(-first, 1), unsafe=True)


def _factorised(
    weight: torch.Tensor, rank: int, scale: float, *, exact: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """B [out, rank] and A [rank, in], whose product times ``scale`` is nearest to ``weight``."""
    if exact:
        left, values, right = torch.linalg.svd(weight, full_matrices=False)
    else:
        left, values, right_columns = torch.svd_lowrank(weight, rank, niter=NITER)
        right = right_columns.T
    roots = (values[:rank] / scale).sqrt()
    return (left[:, :rank] * roots).contiguous(), (roots[:, None] * right[:rank]).contiguous()


def refuse_pissa(layer: nn.Module, name: str, rank: int) -> None:
    """Raise ConfigError where a weight has fewer than ``rank`` singular values."""
    if rank > min(features(layer)):
        raise ConfigError(
            f"Method 'lora': init pissa: found r {rank}, expected at most {min(features(layer))}, the number "
            f"of singular values of {name}."
        )
