"""AdamW in several sizes: which numbers it stores beside the weights, and in how many bytes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import torch
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.training.rounded_adamw import AT_ONCE, RoundedAdamW

FEWEST_IN_8_BITS = 4096  # values of a tensor; bitsandbytes stores the moments of a smaller one in float32
SCALED_TOGETHER = 256  # 8-bit values with one float32 scale

Groups = list[dict[str, Any]]


@dataclass(frozen=True)
class OptimizerKind:
    """One way to store AdamW's numbers. Trained weights in float32 are the same with each."""

    make: Callable[[Groups, float], torch.optim.Optimizer]
    moment_bytes: Callable[[torch.Tensor], int]  # of a parameter's two moments on its device
    update_bytes: Callable[[Iterable[torch.Tensor]], int]  # of what an update allocates
    masters: bool = True  # trained bf16 weights have float32 masters
    pages: bool = False  # moments move to the machine's memory where the GPU's is full


def optimizer_kind(name: str, device: str) -> OptimizerKind:
    """The optimiser that a study calls ``name``. Raises ConfigError where ``device`` has none such."""
    kind = OPTIMIZERS[name]
    if kind.pages and not device.startswith("cuda"):
        raise ConfigError(
            f"training.optimizer: {name} needs a GPU, since bitsandbytes pages nothing on {device!r}. Write "
            f"{name.removeprefix('paged_')}, which stores the same numbers."
        )
    return kind


def _torch_adamw(groups: Groups, rate: float) -> torch.optim.Optimizer:
    return torch.optim.AdamW(groups, lr=rate, foreach=True)


def _of_bitsandbytes(name: str) -> Callable[[Groups, float], torch.optim.Optimizer]:
    def make(groups: Groups, rate: float) -> torch.optim.Optimizer:
        import bitsandbytes  # which takes two seconds to import

        optimizer: torch.optim.Optimizer = getattr(bitsandbytes.optim, name)(
            groups, lr=rate, min_8bit_size=FEWEST_IN_8_BITS
        )
        return optimizer

    return make


def _bytes_of_8_bits(parameter: torch.Tensor) -> int:
    if parameter.numel() < FEWEST_IN_8_BITS:
        return 2 * 4 * parameter.numel()
    return 2 * parameter.numel() + 2 * 4 * ceil(parameter.numel() / SCALED_TOGETHER)


def _roots(parameters: Iterable[torch.Tensor]) -> int:
    """Of the second moments: torch's AdamW (foreach) computes all at once."""
    return sum(parameter.nbytes for parameter in parameters)


def _slices(parameters: Iterable[torch.Tensor]) -> int:
    """Weight, two moments, gradient and root of one slice in float32, and one of them rounded."""
    return 6 * 4 * max((min(parameter.numel(), AT_ONCE) for parameter in parameters), default=0)


def _none(parameters: object) -> int:
    return 0


OPTIMIZERS: Mapping[str, OptimizerKind] = {
    "adamw": OptimizerKind(_torch_adamw, lambda parameter: 2 * parameter.nbytes, _roots),
    "adamw_bf16": OptimizerKind(
        lambda groups, rate: RoundedAdamW(groups, lr=rate),
        lambda parameter: 2 * parameter.nbytes,
        _slices,
        masters=False,
    ),
    "adamw_8bit": OptimizerKind(_of_bitsandbytes("AdamW8bit"), _bytes_of_8_bits, _none),
    "paged_adamw": OptimizerKind(
        _of_bitsandbytes("PagedAdamW"),
        _none,
        _none,
        pages=True,
    ),
    "paged_adamw_8bit": OptimizerKind(
        _of_bitsandbytes("PagedAdamW8bit"),
        _none,
        _none,
        pages=True,
    ),
}


def saved_state(state: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    """The tensors of a parameter's state that a checkpoint needs; tables of 8-bit numbers are constants."""
    return {
        name: torch.as_tensor(value).detach() for name, value in state.items() if not name.startswith("qmap")
    }


def load_state(optimizer: Any, parameter: nn.Parameter, saved: Mapping[str, torch.Tensor]) -> None:
    """Give ``optimizer`` the result of ``saved_state`` for ``parameter``."""
    if not hasattr(optimizer, "init_state"):  # not of bitsandbytes
        device = parameter.device
        optimizer.state[parameter] = {
            name: value if name == "step" else value.to(device) for name, value in saved.items()
        }
        return
    for number, group in enumerate(optimizer.param_groups):
        for place, member in enumerate(group["params"]):
            if member is parameter:
                optimizer.init_state(group, parameter, number, place)  # which pages where it has to
    state = optimizer.state[parameter]
    for name, value in saved.items():
        state[name] = int(value) if name == "step" else state[name].copy_(value)
