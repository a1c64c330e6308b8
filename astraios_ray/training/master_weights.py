"""Trained weights in bf16 are stored and updated in float32 (arXiv 1710.03740)."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

import torch
from torch import nn

from astraios_ray.errors import TornFile

LOW_BITS = 1 << 16  # of a float32's 32 bits, bf16 has the high 16


class MasterWeights:
    """A float32 master of each trained bf16 parameter. An optimiser updates the masters.

    The model's parameter is its master rounded up or down at random, so that it equals the master on average
    (arXiv 2010.06192). With rounding to the nearest, weights that were read in bf16 would not change
    until a master is half a step away from them. Gradients are added up on the masters, in float32.
    A parameter of another dtype is its own master and needs no rounding.
    """

    def __init__(self, trainable: Mapping[str, nn.Parameter], *, needed: bool = True) -> None:
        """``trainable`` are parameters of a model by name, of any shape, on any device.

        Unless masters are ``needed``, each parameter is its own.
        """
        self.parameters = {
            name: _master(parameter) if needed else parameter for name, parameter in trainable.items()
        }
        self._rounded = {
            name: (parameter, self.parameters[name])
            for name, parameter in trainable.items()
            if parameter is not self.parameters[name]
        }
        for parameter, master in self._rounded.values():
            _move_gradients(parameter, master)

    @torch.no_grad()
    def round_into_model(self, draws: AbstractContextManager[None]) -> None:
        """Copy the masters into the model's parameters, rounded with the random numbers of ``draws``."""
        if self._rounded:
            with draws:
                for parameter, master in self._rounded.values():
                    parameter.copy_(rounded_at_random(master))

    def state(self) -> dict[str, torch.Tensor]:
        """The float32 masters by the parameters' names; only of parameters that are rounded."""
        return {name: master.detach() for name, (_, master) in self._rounded.items()}

    @torch.no_grad()
    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """Load the result of ``state()``. Raises TornFile where a master is missing or has no parameter."""
        odd = sorted(state.keys() ^ self._rounded.keys())
        if odd:
            raise TornFile(
                f"{len(state)} float32 weights were found, {len(self._rounded)} are expected; {odd[0]!r} is "
                "missing or too much. A checkpoint of a bf16 model from version 0.1.0 has none: begin the "
                "search anew with `fresh`.",
                arguments=["fresh"],
            )
        for name, (_, master) in self._rounded.items():
            master.copy_(state[name])


def _master(parameter: nn.Parameter) -> nn.Parameter:
    return nn.Parameter(parameter.detach().float()) if parameter.dtype == torch.bfloat16 else parameter


def rounded_at_random(values: torch.Tensor) -> torch.Tensor:
    """``values`` in float32, rounded to the bf16 value above or below; the nearer one is likelier."""
    bits = values.view(torch.int32)
    return ((bits + torch.randint_like(bits, LOW_BITS)) & -LOW_BITS).view(torch.float32)


def _move_gradients(parameter: nn.Parameter, master: nn.Parameter) -> None:
    """Have each backward pass add the parameter's gradient to the master's, and clear the parameter's."""

    def move(weight: torch.Tensor) -> None:
        assert weight.grad is not None  # torch calls the hook after it has added the gradient
        gradient, weight.grad = weight.grad.float(), None
        master.grad = gradient if master.grad is None else master.grad.add_(gradient)

    parameter.register_post_accumulate_grad_hook(move)  # type: ignore[no-untyped-call]  # untyped in torch
