"""Groups trainers that share a forward pass, and handles the breakdown of a shared pass."""

import logging
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch

from astraios_ray.training.pass_timer import PassTimer, Timing
from astraios_ray.training.passes import MicroBatch, backward, forward
from astraios_ray.training.runtime import Runtime
from astraios_ray.training.trial_trainer import TrialTrainer

LOG = logging.getLogger(__name__)
ALONE = 1  # token: no two trainers fit into one pass
CPU_TOKENS = 512  # more gains little at any size of trial: benchmarks/packed_training.py --sweep
GPU_TOKENS = 8192  # not measured by us; LoRAFusion (EuroSys 2026) packs 6656 on an H100

PartsOf = Callable[[TrialTrainer], Iterable[MicroBatch]]
Passes = Callable[[Sequence[Iterable[MicroBatch]]], list[float]]
End = Callable[[TrialTrainer, float], float]  # from a trainer and the sum of its weighted losses


@dataclass(frozen=True)
class StepResult:
    """The result of a trainer's step or validation: a loss in nats per token, or the error."""

    loss: float
    timing: Timing  # its share, by its tokens, of the passes'
    error: Exception | None = None


class PassPacker:
    """Groups trainers while the tokens of one forward pass stay within ``tokens``.

    With ALONE the trainers take turns. With None the device's default holds.
    """

    def __init__(self, runtime: Runtime, tokens: int | None) -> None:
        usual = GPU_TOKENS if runtime.device.startswith("cuda") else CPU_TOKENS
        self._runtime, self._tokens = runtime, usual if tokens is None else tokens

    def groups(self, trainers: Sequence[TrialTrainer]) -> list[list[TrialTrainer]]:
        """The trainers in groups that share their passes. The same on every worker of a lane."""
        groups: list[list[TrialTrainer]] = []
        room: dict[object, tuple[list[TrialTrainer], int]] = {}
        for trainer in trainers:
            spare = self._tokens - trainer.tokens_at_once
            open_group, free = room.get(trainer.shape, ([], 0))
            if trainer.tuned.packs and trainer.tokens_at_once <= free:
                open_group.append(trainer)
                room[trainer.shape] = (open_group, free - trainer.tokens_at_once)
                continue
            groups.append([trainer])
            if trainer.tuned.packs and spare > 0:
                room[trainer.shape] = (groups[-1], spare)
        return groups

    def step(self, trainers: Sequence[TrialTrainer]) -> list[StepResult]:
        """One optimiser step of each trainer of a group."""
        return self._each(trainers, TrialTrainer.training_parts, backward, TrialTrainer.update)

    def validate(self, trainers: Sequence[TrialTrainer]) -> list[StepResult]:
        """The validation loss of each trainer of a group."""
        return self._each(trainers, TrialTrainer.validation_parts, forward, TrialTrainer.validated)

    def _each(
        self, trainers: Sequence[TrialTrainer], parts_of: PartsOf, passes: Passes, end: End
    ) -> list[StepResult]:
        timer = PassTimer(self._runtime.device)
        try:
            totals = passes([parts_of(trainer) for trainer in trainers])
        except Exception as error:  # one trial broke down; trained one by one, the trials show which
            if self._runtime.world > 1:
                raise  # the other workers of the lane wait for this one in the middle of a step
            for trainer in trainers:
                trainer.forget_gradients()
            if len(trainers) == 1:
                return [StepResult(math.nan, timer.read(), error)]
            results = [
                result for trainer in trainers for result in self._each([trainer], parts_of, passes, end)
            ]
            self._share_less(trainers, error, blamed=any(result.error for result in results))
            return results
        per_token = timer.read().times(1 / sum(trainer.tokens_at_once for trainer in trainers))
        return [
            self._ended(trainer, total, per_token, end)
            for trainer, total in zip(trainers, totals, strict=True)
        ]

    def _ended(self, trainer: TrialTrainer, total: float, per_token: Timing, end: End) -> StepResult:
        timer, shared = PassTimer(self._runtime.device), per_token.times(trainer.tokens_at_once)
        try:
            loss, error = end(trainer, total), None
        except Exception as breakdown:  # as above
            if self._runtime.world > 1:
                raise
            loss, error = math.nan, breakdown
        return StepResult(loss, shared + timer.read(), error)

    def _share_less(self, trainers: Sequence[TrialTrainer], error: Exception, blamed: bool) -> None:
        """Lower the token budget after a shared pass broke down and each trainer was tried by itself."""
        names = ", ".join(trainer.spec.id for trainer in trainers)
        if isinstance(error, torch.OutOfMemoryError):
            self._tokens = sum(trainer.tokens_at_once for trainer in trainers) // 2
        elif not blamed:
            self._tokens = ALONE
        LOG.warning(
            "%s: a pass that they shared broke down (%s: %s). They were trained one by one; from here on "
            "passes have up to %d tokens.", names, type(error).__name__, error, self._tokens,
        )  # fmt: skip
