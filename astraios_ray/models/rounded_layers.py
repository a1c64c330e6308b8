"""bitsandbytes' linear layers, as methods that share them need them."""

from collections.abc import Callable
from typing import Any

import bitsandbytes
import torch
from torch import nn


class Int8Layer(bitsandbytes.nn.Linear8bitLt):  # type: ignore[misc]  # bitsandbytes has no types
    """An int8 layer whose weight keeps its scales, and whose output may be changed in place.

    bitsandbytes takes the scales from the weight in the first forward pass. On a CPU, peft's DoRA replaces
    the weight by a copy in each pass; without scales no later pass, of whatever trial, could use it.
    """

    def init_8bit_state(self) -> None:
        """Give the state the weight and its scales."""
        scales = self.weight.SCB
        super().init_8bit_state()
        self.weight.SCB = scales

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``x`` [..., in] to [..., out]."""
        return _by_token(super().forward, x)


class Nf4Layer(bitsandbytes.nn.Linear4bit):  # type: ignore[misc]  # as above
    """An nf4 layer whose output may be changed in place."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``x`` [..., in] to [..., out]."""
        return _by_token(super().forward, x)


def _by_token(layer: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """``layer(x)``, called with ``x`` as [tokens, in].

    Given [rows, tokens, in], the functions of bitsandbytes return a view where the layer has a bias, and
    autograd refuses to see a view of theirs changed in place, as some layers of peft do.
    """
    output = layer(x.flatten(0, -2))
    return output.view(*x.shape[:-1], output.shape[-1])


def prepare_rounded_layers(model: nn.Module) -> None:
    """Give the int8 and nf4 layers of ``model`` the classes above.

    nf4 layers validate and generate with the weights and the arithmetic of training. On CPUs with
    AVX512-BF16, bitsandbytes would pack a layer's weights anew at its first forward without gradients: it
    rounds their scales to bf16, needs widths that 32 divides, and computes in bf16.
    """
    layers: list[Any] = list(model.modules())
    for layer in layers:
        if type(layer) is bitsandbytes.nn.Linear8bitLt:
            layer.__class__ = Int8Layer
        elif type(layer) is bitsandbytes.nn.Linear4bit:
            layer.__class__ = Nf4Layer
            layer.support_avx512bf16_for_cpu = False  # bitsandbytes 0.50
