"""AdamW (arXiv 1711.05101) whose weights and moments stay in bf16, rounded up or down at random."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import sqrt
from typing import Any

import torch
from torch import nn

from astraios_ray.training.master_weights import rounded_at_random

AT_ONCE = 1 << 20  # values that are in float32 at a time


class RoundedAdamW(torch.optim.Optimizer):
    """Computes as AdamW does in float32, and stores each value in the dtype of its parameter.

    A value that bf16 does not hold is rounded up or down at random, so that it is right on average. Rounding
    to the nearest would lose small updates, and second moments would never shrink: they lose a thousandth a
    step. A float32 parameter is not rounded.
    """

    def __init__(
        self,
        params: Iterable[dict[str, Any]] | Iterable[nn.Parameter],
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]  # torch returns a loss
        """Update the parameters that have gradients. Draws torch's random numbers."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, group)

    def _update(self, parameter: nn.Parameter, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if not state:
            state["step"] = torch.tensor(0.0)
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(parameter), torch.zeros_like(parameter)
        state["step"] += 1
        stored = (parameter.data, parameter.grad, state["exp_avg"], state["exp_avg_sq"])
        for weight, gradient, mean, square in zip(*map(_slices, stored), strict=True):
            wide = [tensor.float() for tensor in (weight, mean, square, gradient)]
            _adamw(wide, group, float(state["step"]))
            for target, value in zip((weight, mean, square), wide, strict=False):
                target.copy_(value if target.dtype == value.dtype else rounded_at_random(value))


def _slices(tensor: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Views of at most AT_ONCE values of a stored tensor; a gradient may be a copy."""
    return torch.split(tensor.reshape(-1), AT_ONCE)


def _adamw(stored: Sequence[torch.Tensor], group: Mapping[str, Any], step: float) -> None:
    """One update of a weight and its moments in float32, in place; the last of ``stored`` is the gradient."""
    weight, mean, square, gradient = stored
    first, second = group["betas"]
    mean.lerp_(gradient, 1 - first)
    square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
    root = square.sqrt().div_(sqrt(1 - second**step)).add_(group["eps"])
    weight.mul_(1 - group["lr"] * group["weight_decay"])
    weight.addcdiv_(mean, root, value=-group["lr"] / (1 - first**step))
