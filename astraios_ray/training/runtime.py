"""Where a training process runs: its device, its rank, and its sums over the workers of a lane."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import torch
from torch import distributed

from astraios_ray.training.blame import machines_trouble

T = TypeVar("T")
OUT_OF_REACH = "The workers of the lane cannot reach each other"


def allow_tf32(device: str) -> None:
    """Let products of float32 matrices on a GPU use TF32, which has float32's range and 10 bits of fraction.

    What is trained and every sum stay in float32.
    """
    if device.startswith("cuda"):
        torch.set_float32_matmul_precision("high")


class Runtime(Protocol):
    """The part of the machine that the training loop uses."""

    @property
    def device(self) -> str:
        """The name of a torch device."""
        ...

    @property
    def rank(self) -> int:
        """This worker's number in its lane, from 0."""
        ...

    @property
    def world(self) -> int:
        """How many workers the lane has."""
        ...

    def total(self, values: Sequence[float]) -> list[float]:
        """The element-wise sum of ``values`` over all workers."""
        ...

    def agree(self, value: T) -> T:
        """The ``value`` of the first worker."""
        ...

    def add_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Replace each gradient by its sum over all workers. A missing gradient counts as zero."""
        ...


@dataclass(frozen=True)
class SingleProcess:
    """A lane of one worker, where every sum is the worker's own value."""

    device: str = "cpu"
    rank: int = 0
    world: int = 1

    def total(self, values: Sequence[float]) -> list[float]:
        """``values``, unchanged."""
        return list(values)

    def agree(self, value: T) -> T:
        """``value``, unchanged."""
        return value

    def add_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Leave the gradients as they are."""


@dataclass(frozen=True)
class WorkerGroup:
    """One of several workers of a lane. Needs an initialised torch.distributed process group."""

    device: str
    rank: int
    world: int

    def total(self, values: Sequence[float]) -> list[float]:
        """The element-wise sum over the group, in float64."""
        summed = torch.tensor(values, dtype=torch.float64, device=self.device)
        _sum(summed)
        return [float(value) for value in summed]

    def agree(self, value: T) -> T:
        """The ``value`` of rank 0, sent pickled."""
        box = [value]
        with machines_trouble(OUT_OF_REACH):
            distributed.broadcast_object_list(box, src=0)
        return box[0]

    def add_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """One all-reduce over all gradients, flattened in the parameters' order."""
        trainable = [p for p in parameters if p.requires_grad]
        for parameter in trainable:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        gradients = [p.grad for p in trainable if p.grad is not None]
        flat = torch.cat([g.reshape(-1).float() for g in gradients])
        _sum(flat)
        for gradient, part in zip(gradients, torch.split(flat, [g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))


def _sum(values: torch.Tensor) -> None:
    """Replace ``values`` by the sum over the group. Raises LaneBroken where another worker is gone."""
    with machines_trouble(OUT_OF_REACH):
        distributed.all_reduce(values)
