"""The bench: the slots of one lane, trained in turns beside the bases they share.

Packing several slots into one forward pass would replace ``turn``; nobody outside would notice.
"""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

from astraios_ray.errors import LaneBroken
from astraios_ray.records import Checkpoint, Cost, Lease, Point, Stretch, TrialState, decode, encode
from astraios_ray.training.checkpoints import (
    fingerprint,
    folder_bytes,
    newest_checkpoint,
    write_checkpoint,
)
from astraios_ray.training.materials import Shelf
from astraios_ray.training.memory import MemoryMeter
from astraios_ray.training.runtime import Runtime, SingleProcess
from astraios_ray.training.slot import ADAPTER, Slot

LOG = logging.getLogger(__name__)
CHECKPOINT_SECONDS = 60.0  # of one trial's own time between two checkpoints inside a stretch
PARKED_KEPT = 8  # parked slots that stay in memory; older ones are read from their checkpoints again


@dataclass
class _Work:
    """A slot with the lease it serves."""

    slot: Slot
    lease: Lease
    points: list[Point]  # all of the trial, from its first step
    seconds: float
    saved_at: float  # of the trial's own seconds
    losses: list[float] = field(default_factory=list)  # training losses since the last point
    memory_mib: float = 0.0


NOTHING_YET: Mapping[str, Any] = {"points": (), "seconds": 0.0, "memory_mib": 0.0}


class Bench:
    """Trains leased trials a step at a time, each in its turn."""

    def __init__(
        self,
        shelf: Shelf,
        trials: Path,
        runtime: Runtime | None = None,
        *,
        checkpoint_seconds: float = CHECKPOINT_SECONDS,
        parked_kept: int = PARKED_KEPT,
    ) -> None:
        self._shelf, self._trials = shelf, trials
        self._runtime: Runtime = runtime or SingleProcess()
        self._checkpoint_seconds, self._parked_kept = checkpoint_seconds, parked_kept
        self._memory = MemoryMeter(self._runtime.device)
        self._working: dict[str, _Work] = {}
        self._parked: dict[str, tuple[Slot, int]] = {}

    @property
    def working(self) -> int:
        """How many leases are being served."""
        return len(self._working)

    def start(self, lease: Lease) -> Stretch | None:
        """Take a lease. A trial that cannot even be set up comes back at once as FAILED.

        Raises what the base model or the rows raise when they cannot be loaded: no trial is to blame.
        """
        spec = lease.spec
        self._shelf.blocks(spec.model, spec.data)
        reason = ""
        try:
            work = self._open(lease)
        except Exception as error:  # a trial becomes a result here: its breakdown must not end the lane
            self._refuse_dead_device(error)
            reason = _words(error)
        if self._runtime.total([float(bool(reason))])[0]:  # all workers of the lane take it, or none
            reason = reason or "another worker of the lane could not set it up"
            return Stretch(spec.id, TrialState.FAILED, (), lease.checkpoint, Cost(), reason)
        self._working[spec.id] = work
        return None

    def turn(self) -> list[Stretch]:
        """Give every working slot one step; the leases that ended with it."""
        ended = []
        for trial, work in list(self._working.items()):
            stretch = self._advance(work)
            if stretch:
                del self._working[trial]
                ended.append(stretch)
        return ended

    def forget(self, trial: str) -> None:
        """Drop what is kept of a parked trial; its checkpoints stay."""
        self._parked.pop(trial, None)

    def _open(self, lease: Lease) -> _Work:
        spec = lease.spec
        found = newest_checkpoint(self._trials / spec.id, lease.until, fingerprint(spec))
        checkpoint, facts = self._runtime.agree(found or (None, NOTHING_YET))
        if lease.checkpoint and (checkpoint is None or checkpoint.step < lease.checkpoint.step):
            step = checkpoint.step if checkpoint else 0
            LOG.warning("%s is not whole: %s goes on from step %d.", lease.checkpoint.folder, spec.id, step)
        points = [decode(Point, raw) for raw in facts["points"]]
        slot, seconds = self._slot(lease, checkpoint), facts["seconds"]
        return _Work(slot, lease, points, seconds, saved_at=seconds, memory_mib=facts["memory_mib"])

    def _slot(self, lease: Lease, checkpoint: Checkpoint | None) -> Slot:
        kept = self._parked.pop(lease.spec.id, None)
        if kept and checkpoint and kept[1] == checkpoint.step:
            return kept[0]
        spec = lease.spec
        slot = Slot(
            self._shelf.base(spec.model), self._shelf.blocks(spec.model, spec.data), spec, self._runtime
        )
        if checkpoint:
            slot.load(Path(checkpoint.folder), checkpoint.step)
        return slot

    def _advance(self, work: _Work) -> Stretch | None:
        started = perf_counter()
        try:
            state, reason = self._step(work, started)
        except LaneBroken:
            raise
        except Exception as error:  # as in start: one trial's breakdown is that trial's result
            self._refuse_dead_device(error)
            if self._runtime.world > 1:
                raise  # the other workers of the lane wait for this one in the middle of a step
            state, reason = TrialState.FAILED, _words(error)
            work.seconds += perf_counter() - started
        return self._close(work, state, reason) if state is not TrialState.RUNNING else None

    def _step(self, work: _Work, started: float) -> tuple[TrialState, str]:
        slot, recipe = work.slot, work.lease.spec.recipe
        state, reason = TrialState.PARKED, ""
        self._memory.begin()
        if slot.step_count < work.lease.until:
            work.losses.append(slot.step())
            due = slot.step_count % recipe.validate_every == 0 or slot.step_count == work.lease.until
            loss = slot.validate() if due else math.nan
            work.seconds += perf_counter() - started
            work.memory_mib = max(work.memory_mib, self._memory.mib())
            if not math.isfinite(work.losses[-1]) or (due and not math.isfinite(loss)):
                what = f"training loss {work.losses[-1]}, validation loss {loss if due else 'not measured'}"
                return TrialState.DIVERGED, f"{what} at step {slot.step_count}."
            if due:
                self._note(work, loss)
        if slot.step_count < work.lease.until:
            state = TrialState.RUNNING
            measured = bool(work.points) and work.points[-1].step == slot.step_count
            if measured and work.seconds - work.saved_at > self._checkpoint_seconds:
                self._save(work)
        return state, reason

    def _note(self, work: _Work, loss: float) -> None:
        train_loss = sum(work.losses) / len(work.losses)
        work.points.append(Point(work.slot.step_count, loss, train_loss, work.seconds))
        work.losses.clear()

    def _save(self, work: _Work) -> Checkpoint:
        points = [encode(point) for point in work.points]
        facts = {
            "points": points,
            "seconds": work.seconds,
            "memory_mib": work.memory_mib,
            "spec": fingerprint(work.lease.spec),
            "base_revision": self._shelf.base(work.lease.spec.model).revision,
        }
        folder = self._trials / work.lease.spec.id
        work.saved_at = work.seconds
        try:
            if self._runtime.rank == 0:
                return write_checkpoint(folder, work.slot.step_count, facts, work.slot.save)
        except OSError as error:
            raise LaneBroken(f"{folder}: no checkpoint can be written there: {error}.") from error
        return Checkpoint(str(folder / f"checkpoint-{work.slot.step_count}"), work.slot.step_count)

    def _close(self, work: _Work, state: TrialState, reason: str) -> Stretch:
        spec, slot = work.lease.spec, work.slot
        checkpoint = self._save(work) if state is TrialState.PARKED else None
        size = (
            folder_bytes(Path(checkpoint.folder) / ADAPTER) if checkpoint and self._runtime.rank == 0 else 0
        )
        cost = Cost(work.seconds, work.memory_mib, slot.trainable_parameters, size)
        if state is TrialState.PARKED and slot.shares_base and slot.step_count < spec.recipe.max_steps:
            self._parked[spec.id] = (slot, slot.step_count)
            while len(self._parked) > self._parked_kept:
                self.forget(next(iter(self._parked)))
        known = work.lease.checkpoint.step if work.lease.checkpoint else 0
        points = tuple(point for point in work.points if point.step > known)
        return Stretch(spec.id, state, points, checkpoint, cost, reason)

    def _refuse_dead_device(self, error: Exception) -> None:
        """After an error of the accelerator no trial may train there any more. Raises LaneBroken."""
        if isinstance(error, torch.OutOfMemoryError):
            return  # the device is well, and may have no room for a test while the error holds its tensors
        try:
            (torch.zeros(1, device=self._runtime.device) + 1).item()
        except Exception as dead:  # of whatever kind: the device cannot add two numbers
            raise LaneBroken(f"{self._runtime.device} answers no more: {_words(error)}") from dead


def _words(error: Exception) -> str:
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        said += " A smaller batch_size, micro_batch_size or sequence_length takes less."
    return said
