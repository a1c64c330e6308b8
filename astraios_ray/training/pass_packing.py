"""Which slots share a forward pass, and what is done when a shared pass breaks down."""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import torch

from astraios_ray.training.passes import Part, backward, forward
from astraios_ray.training.runtime import Runtime
from astraios_ray.training.trial_trainer import Slot

LOG = logging.getLogger(__name__)
ALONE = 1  # token, into which no two slots fit
CPU_TOKENS = 512  # more gains little, whatever the trials' size: benchmarks/packed_training.py --sweep
GPU_TOKENS = 8192  # not measured by us; LoRAFusion (EuroSys 2026) packs 6656 on an H100

PartsOf = Callable[[Slot], Sequence[Part]]
Passes = Callable[[Sequence[Sequence[Part]]], list[float]]
End = Callable[[Slot, float, Sequence[Part]], float]  # the slot, its loss, the parts that it is of


@dataclass(frozen=True)
class Took:
    """What a slot has of its step or its validation: a loss in nats per token, or why there is none."""

    loss: float
    seconds: float  # its share, by its tokens, of the passes' time
    error: Exception | None = None


class Packs:
    """Puts slots together while the tokens of one forward pass stay within ``tokens``.

    ALONE: they take turns. None: as many as suit the device.
    """

    def __init__(self, runtime: Runtime, tokens: int | None) -> None:
        usual = GPU_TOKENS if runtime.device.startswith("cuda") else CPU_TOKENS
        self._runtime, self._tokens = runtime, usual if tokens is None else tokens

    def groups(self, slots: Sequence[Slot]) -> list[list[Slot]]:
        """The slots, those together that share their passes. The same on every worker of a lane."""
        groups: list[list[Slot]] = []
        room: dict[object, tuple[list[Slot], int]] = {}
        for slot in slots:
            left = self._tokens - slot.tokens_at_once
            open_group, free = room.get(slot.shape, ([], 0))
            if slot.tuned.packs and slot.tokens_at_once <= free:
                open_group.append(slot)
                room[slot.shape] = (open_group, free - slot.tokens_at_once)
                continue
            groups.append([slot])
            if slot.tuned.packs and left > 0:
                room[slot.shape] = (groups[-1], left)
        return groups

    def step(self, slots: Sequence[Slot]) -> list[Took]:
        """One optimiser step of each slot of a group."""
        return self._each(slots, Slot.training_parts, backward, lambda slot, loss, _: slot.update(loss))

    def validate(self, slots: Sequence[Slot]) -> list[Took]:
        """The validation loss of each slot of a group."""
        return self._each(slots, Slot.validation_parts, forward, Slot.validated)

    def _each(self, slots: Sequence[Slot], parts_of: PartsOf, passes: Passes, end: End) -> list[Took]:
        started = perf_counter()
        try:
            parts = [parts_of(slot) for slot in slots]
            totals = passes(parts)
        except Exception as error:  # a trial's breakdown is that trial's result, once it is known whose
            if self._runtime.world > 1:
                raise  # the other workers of the lane wait for this one in the middle of a step
            for slot in slots:
                slot.forget_gradients()
            if len(slots) == 1:
                return [Took(math.nan, perf_counter() - started, error)]
            alone = [took for slot in slots for took in self._each([slot], parts_of, passes, end)]
            self._share_less(slots, error, blamed=any(took.error for took in alone))
            return alone
        seconds = (perf_counter() - started) / sum(slot.tokens_at_once for slot in slots)
        return [self._ended(*of, seconds, end) for of in zip(slots, totals, parts, strict=True)]

    def _ended(self, slot: Slot, total: float, parts: Sequence[Part], per_token: float, end: End) -> Took:
        started, shared = perf_counter(), per_token * slot.tokens_at_once
        try:
            loss, error = end(slot, total, parts), None
        except Exception as found:  # as above
            if self._runtime.world > 1:
                raise
            loss, error = math.nan, found
        return Took(loss, shared + perf_counter() - started, error)

    def _share_less(self, slots: Sequence[Slot], error: Exception, blamed: bool) -> None:
        """After a shared pass broke down and each slot was tried alone."""
        names = ", ".join(slot.spec.id for slot in slots)
        if isinstance(error, torch.OutOfMemoryError):
            self._tokens = sum(slot.tokens_at_once for slot in slots) // 2
        elif not blamed:
            self._tokens = ALONE
        LOG.warning(
            "%s: a pass that they shared broke down (%s: %s). They were trained one by one; from here on "
            "passes have up to %d tokens.", names, type(error).__name__, error, self._tokens,
        )  # fmt: skip
