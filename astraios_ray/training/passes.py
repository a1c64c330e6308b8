"""Forward and backward passes over rows of one trial, or of several at once, each with its own mean loss."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import torch

from astraios_ray.methods.tuned import Batch, TunedModel
from astraios_ray.shared_pass.activation_checkpointing import recomputed
from astraios_ray.shared_pass.chunked_loss import mean_losses
from astraios_ray.shared_pass.padding_free import Padded, Unpadded
from astraios_ray.shared_pass.per_trial_dropout import Draws
from astraios_ray.shared_pass.shared_forward import together


@dataclass(frozen=True)
class MicroBatch:
    """Rows of one trial for one forward pass, and how much their mean loss counts."""

    tuned: TunedModel
    draws: Draws
    batch: Batch  # input_ids; attention_mask and labels on the CPU
    weight: float
    unpadded: bool = False
    recompute: bool = False  # activation checkpointing


def backward(trials: Sequence[Sequence[MicroBatch]]) -> list[float]:
    """Add each trial's gradients of its own weighted losses; those losses summed, by trial.

    The first part of every trial makes the first pass, the second parts the second, and so on. Trials
    that share a pass must all be able to work ``together``.
    """
    totals = [0.0] * len(trials)
    for numbers, parts in _rounds(trials):
        with losses(parts, training=True) as found:
            weighted = [loss * part.weight for loss, part in zip(found, parts, strict=True)]
            torch.stack(weighted).sum().backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        _add(totals, numbers, weighted)
    return totals


@torch.no_grad()
def forward(trials: Sequence[Sequence[MicroBatch]]) -> list[float]:
    """Each trial's own weighted losses summed, without dropout; passes as in ``backward``."""
    totals = [0.0] * len(trials)
    for numbers, parts in _rounds(trials):
        with losses(parts, training=False) as found:
            _add(totals, numbers, [loss * part.weight for loss, part in zip(found, parts, strict=True)])
    return totals


def _rounds(trials: Sequence[Sequence[MicroBatch]]) -> Iterator[tuple[list[int], list[MicroBatch]]]:
    for parts in zip_longest(*trials):
        there = [number for number, part in enumerate(parts) if part]
        yield there, [parts[number] for number in there]


@contextmanager
def losses(parts: Sequence[MicroBatch], *, training: bool) -> Iterator[list[torch.Tensor]]:
    """The mean loss of each part; inside, what computed it is still in the base."""
    if len(parts) > 1:
        tuned, draws = [part.tuned for part in parts], [part.draws for part in parts]
        with together(tuned, draws, training=training) as all_of_them:
            first, kept = parts[0], parts[0].recompute and training
            batches = [part.batch for part in parts]
            yield all_of_them.losses(batches, unpadded=first.unpadded, recompute=kept)
        return
    (alone,) = parts
    with alone.tuned.attached(), alone.draws:
        alone.tuned.model.train(training)
        try:
            yield _losses_alone(alone, recompute=alone.recompute and training)
        finally:
            alone.tuned.model.eval()


def _losses_alone(part: MicroBatch, *, recompute: bool) -> list[torch.Tensor]:
    model: Any = part.tuned.base if part.unpadded else part.tuned.model
    rows = Unpadded([part.tuned.prepare(part.batch)], model) if part.unpadded else Padded([part.batch])

    def call() -> Any:
        with recomputed(model, rows.attention) if recompute else nullcontext(), rows.attention():
            return model(**rows.given, use_cache=False)

    return mean_losses(model, call, rows.targets)


def _add(totals: list[float], numbers: Sequence[int], found: Sequence[torch.Tensor]) -> None:
    values: list[float] = torch.stack([loss.detach().double() for loss in found]).tolist()
    for number, value in zip(numbers, values, strict=True):
        totals[number] += value
