"""Forward and backward passes over rows of one trial or of several, with a mean loss for each."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import torch

from astraios_ray.methods.tuned import Batch, TunedModel
from astraios_ray.shared_pass.activation_checkpointing import recompute_blocks
from astraios_ray.shared_pass.chunked_loss import mean_losses
from astraios_ray.shared_pass.padding_free import Padded, Unpadded
from astraios_ray.shared_pass.per_trial_dropout import Draws
from astraios_ray.shared_pass.shared_forward import together


@dataclass(frozen=True)
class MicroBatch:
    """Rows of one trial for one forward pass, and the weight of their mean loss."""

    tuned: TunedModel
    draws: Draws
    batch: Batch  # input_ids; attention_mask and labels on the CPU
    weight: float
    unpadded: bool = False
    recompute: bool = False  # activation checkpointing


def backward(trials: Sequence[Iterable[MicroBatch]]) -> list[float]:
    """Add the gradients of each trial's weighted losses; the sum of these losses by trial.

    The first parts of all trials make the first pass, the second parts the second, and so on. Trials
    that share a pass must meet the conditions of ``together``.
    """
    totals = [0.0] * len(trials)
    for numbers, parts in _rounds(trials):
        with losses(parts, training=True) as part_losses:
            weighted = [loss * part.weight for loss, part in zip(part_losses, parts, strict=True)]
            torch.stack(weighted).sum().backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        _add(totals, numbers, weighted)
    return totals


@torch.no_grad()
def forward(trials: Sequence[Iterable[MicroBatch]]) -> list[float]:
    """The sum of each trial's weighted losses, without dropout; passes as in ``backward``."""
    totals = [0.0] * len(trials)
    for numbers, parts in _rounds(trials):
        with losses(parts, training=False) as part_losses:
            _add(totals, numbers, [loss * part.weight for loss, part in zip(part_losses, parts, strict=True)])
    return totals


def _rounds(trials: Sequence[Iterable[MicroBatch]]) -> Iterator[tuple[list[int], list[MicroBatch]]]:
    for parts in zip_longest(*trials):
        numbers = [number for number, part in enumerate(parts) if part]
        yield numbers, [parts[number] for number in numbers]


@contextmanager
def losses(parts: Sequence[MicroBatch], *, training: bool) -> Iterator[list[torch.Tensor]]:
    """The mean loss of each part. Inside, the methods' layers stay in the base for a backward pass."""
    if len(parts) > 1:
        tuned, draws = [part.tuned for part in parts], [part.draws for part in parts]
        with together(tuned, draws, training=training) as shared:
            first, recompute = parts[0], parts[0].recompute and training
            batches = [part.batch for part in parts]
            yield shared.losses(batches, unpadded=first.unpadded, recompute=recompute)
        return
    (part,) = parts
    with part.tuned.attached(), part.draws:
        part.tuned.model.train(training)
        try:
            yield _losses_alone(part, recompute=part.recompute and training)
        finally:
            part.tuned.model.eval()


def _losses_alone(part: MicroBatch, *, recompute: bool) -> list[torch.Tensor]:
    model: Any = part.tuned.base if part.unpadded else part.tuned.model
    rows = Unpadded([part.tuned.prepare(part.batch)], model) if part.unpadded else Padded([part.batch])

    def call() -> Any:
        with recompute_blocks(model, rows.attention) if recompute else nullcontext(), rows.attention():
            return model(**rows.arguments, use_cache=False)

    return mean_losses(model, call, rows.targets)


def _add(totals: list[float], numbers: Sequence[int], part_losses: Sequence[torch.Tensor]) -> None:
    values: list[float] = torch.stack([loss.detach().double() for loss in part_losses]).tolist()
    for number, value in zip(numbers, values, strict=True):
        totals[number] += value
