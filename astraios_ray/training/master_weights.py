"""Trained weights that a pass uses in bf16 are kept, and moved, in float32 (arXiv 1710.03740)."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

import torch
from torch import nn

from astraios_ray.errors import TornFile

LOW_BITS = 1 << 16  # of a float32's 32 bits, bf16 has the high 16


class MasterWeights:
    """A float32 master of each trained bf16 parameter. An optimiser moves the masters.

    The model's parameter is its master rounded up or down at random, so that it is the master on average
    (arXiv 2010.06192). Rounded to the nearest, weights that were read in bf16 stay where they are
    until a master is half a step away from them. Gradients are added up on the masters, in float32.
    A parameter of another dtype is its own master, and nothing is done for it.
    """

    def __init__(self, trainable: Mapping[str, nn.Parameter]) -> None:
        """``trainable`` are parameters of a model by name, of any shape, on any device."""
        self.parameters = {name: _master(parameter) for name, parameter in trainable.items()}
        self._rounded = {
            name: (parameter, self.parameters[name])
            for name, parameter in trainable.items()
            if parameter is not self.parameters[name]
        }
        for parameter, master in self._rounded.values():
            _move_gradients(parameter, master)

    @torch.no_grad()
    def round_into_model(self, draws: AbstractContextManager[None]) -> None:
        """Give the model's parameters their masters' values, rounded by the random numbers of ``draws``."""
        if self._rounded:
            with draws:
                for parameter, master in self._rounded.values():
                    parameter.copy_(_rounded_at_random(master))

    def state(self) -> dict[str, torch.Tensor]:
        """The masters by the parameters' names, in float32; without those that are the parameters."""
        return {name: master.detach() for name, (_, master) in self._rounded.items()}

    @torch.no_grad()
    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """Take over what ``state()`` gave. Raises TornFile where a master is missing or has no parameter."""
        odd = sorted(state.keys() ^ self._rounded.keys())
        if odd:
            raise TornFile(
                f"{len(state)} float32 weights were found, {len(self._rounded)} are expected; {odd[0]!r} is "
                "missing or too much. A checkpoint of a bf16 model from version 0.1.0 has none: begin the "
                "search anew with --fresh."
            )
        for name, (_, master) in self._rounded.items():
            master.copy_(state[name])


def _master(parameter: nn.Parameter) -> nn.Parameter:
    return nn.Parameter(parameter.detach().float()) if parameter.dtype == torch.bfloat16 else parameter


def _rounded_at_random(values: torch.Tensor) -> torch.Tensor:
    """float32 values that bf16 holds: the next one above or below, the nearer one the more often."""
    bits = values.view(torch.int32)
    return ((bits + torch.randint_like(bits, LOW_BITS)) & -LOW_BITS).view(torch.float32)


def _move_gradients(parameter: nn.Parameter, master: nn.Parameter) -> None:
    """Have each backward pass add the parameter's gradient to the master's, and leave none behind."""

    def move(moved: torch.Tensor) -> None:
        assert moved.grad is not None  # torch calls after it has added to it
        gradient, moved.grad = moved.grad.float(), None
        master.grad = gradient if master.grad is None else master.grad.add_(gradient)

    parameter.register_post_accumulate_grad_hook(move)  # type: ignore[no-untyped-call]  # untyped in torch
