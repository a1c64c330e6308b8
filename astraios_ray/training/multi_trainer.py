"""Trains the trials of one lane side by side, on the bases that they share."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from astraios_ray.data.text_tokens import end_of_text
from astraios_ray.data.tokenise import Blocks
from astraios_ray.disk_room import with_room
from astraios_ray.encoder_decoder import is_encoder_decoder
from astraios_ray.errors import ConfigError, LaneBroken, TornFile
from astraios_ray.models.load_base import Base, load_base
from astraios_ray.models.shared_weights import SharedBases
from astraios_ray.records import (
    Checkpoint,
    Cost,
    DataRef,
    ModelRef,
    TrainReport,
    TrainTask,
    TrialState,
    ValidationPoint,
    decode,
    encode,
)
from astraios_ray.training.blame import machines_trouble, refuse_machines_trouble, words_of
from astraios_ray.training.checkpoints import (
    fingerprint,
    folder_bytes,
    newest_checkpoint,
    write_checkpoint,
)
from astraios_ray.training.memory_meter import MemoryMeter
from astraios_ray.training.pass_packing import ALONE, PassPacker, StepResult
from astraios_ray.training.pass_timer import Timing
from astraios_ray.training.pretrain import builtin_model
from astraios_ray.training.retraining import refuse_other_end, refuse_other_loss
from astraios_ray.training.runtime import Runtime, SingleProcess
from astraios_ray.training.token_cache import token_cache
from astraios_ray.training.trial_trainer import ADAPTER, TrialTrainer

LOG = logging.getLogger(__name__)
CHECKPOINT_SECONDS = 60.0  # of one trial's own time between two checkpoints inside a TrainTask
PAUSED_KEPT = 8  # paused trainers that stay in memory; older ones are read from their checkpoints again


@dataclass
class ModelCache:
    """Bases by model, and token rows by model and data. Nothing is loaded twice."""

    device: str = "cpu"
    shared: SharedBases | None = None  # with other processes of the machine
    _bases: dict[ModelRef, Base] = field(default_factory=dict)
    _blocks: dict[tuple[ModelRef, DataRef], Blocks] = field(default_factory=dict)

    def base(self, ref: ModelRef) -> Base:
        """The frozen base model; a built-in one is pre-trained first where it is not cached."""
        if ref not in self._bases:
            self._bases[ref] = load_base(ref, self.device, builtin_model, self.shared)
        return self._bases[ref]

    def blocks(self, model: ModelRef, data: DataRef) -> Blocks:
        """Training and validation rows in the tokens of ``model``."""
        key = (model, data)
        if key not in self._blocks:
            base = self.base(model)
            end, seq2seq = end_of_text(base.tokenizer, model.id), is_encoder_decoder(base.model)
            self._blocks[key] = token_cache().blocks(data, base.tokenizer, end, seq2seq=seq2seq)
        return self._blocks[key]


@dataclass
class _Work:
    """A trainer and the TrainTask that it works on."""

    trainer: TrialTrainer
    train_task: TrainTask
    points: list[ValidationPoint]  # all points of the trial, from its first step
    timing: Timing  # of all the trial's passes
    saved_at: float  # of the trial's own wall seconds
    losses: list[float] = field(default_factory=list)  # training losses since the last point
    loss: float = math.nan  # validation loss at the last point
    memory_mib: float = 0.0
    ending: tuple[TrialState, str] | None = (
        None  # where the trial ends before its TrainTask does, and the reason
    )

    @property
    def through(self) -> bool:
        """Whether the TrainTask asks for no more steps."""
        return self.trainer.step_count >= self.train_task.until

    @property
    def validates(self) -> bool:
        """Whether a validation follows the last step."""
        return self.through or self.trainer.step_count % self.train_task.spec.recipe.validate_every == 0


NOTHING_YET: Mapping[str, Any] = {"points": (), "timing": {}, "memory_mib": 0.0}


class MultiTrialTrainer:
    """Trains trials a step at a time, several in one pass where ``pack_tokens`` has room for them."""

    def __init__(
        self,
        models: ModelCache,
        trials: Path,
        runtime: Runtime | None = None,
        *,
        pack_tokens: int | None = ALONE,
        checkpoint_seconds: float = CHECKPOINT_SECONDS,
        paused_kept: int = PAUSED_KEPT,
    ) -> None:
        self._models, self._trials = models, trials
        self._runtime: Runtime = runtime or SingleProcess()
        self._checkpoint_seconds, self._paused_kept = checkpoint_seconds, paused_kept
        self._packer = PassPacker(self._runtime, pack_tokens)
        self._memory = MemoryMeter(self._runtime.device)
        self._working: dict[str, _Work] = {}
        self._paused: dict[str, tuple[TrialTrainer, int]] = {}

    @property
    def working(self) -> int:
        """How many TrainTasks are in work."""
        return len(self._working)

    def start(self, train_task: TrainTask) -> TrainReport | None:
        """Take on a TrainTask. A trial that cannot be set up comes back at once as FAILED.

        Raises LaneBroken or TornFile where the base, the rows or a complete checkpoint cannot be read, or the
        machine breaks down otherwise: that is no trial's fault.
        """
        spec = train_task.spec
        with machines_trouble(f"{spec.model.id}: the base or its rows cannot be loaded"):
            self._models.blocks(spec.model, spec.data)
        reason = ""
        try:
            work = self._open(train_task)
        except (LaneBroken, TornFile):  # of a checkpoint that was complete a moment ago
            raise
        except Exception as error:  # a trial that breaks down must not end the lane
            refuse_machines_trouble(self._runtime.device, error)
            reason = words_of(error)
        if self._runtime.total([float(bool(reason))])[0]:  # all workers of the lane train it, or none
            reason = reason or "another worker of the lane could not set it up"
            return TrainReport(spec.id, TrialState.FAILED, (), train_task.checkpoint, Cost(), reason)
        self._working[spec.id] = work
        return None

    def turn(self) -> list[TrainReport]:
        """Give every working trainer one step; the reports of the TrainTasks that ended with it."""
        works = {id(work.trainer): work for work in self._working.values() if not work.through}
        for trainers in self._packer.groups([work.trainer for work in works.values()]):
            self._advance([works[id(trainer)] for trainer in trainers])
        ended = []
        for trial, work in list(self._working.items()):
            if work.ending or work.through:
                del self._working[trial]
                ended.append(self._close(work, *(work.ending or (TrialState.PAUSED, ""))))
        return ended

    def train(self, train_task: TrainTask) -> TrainReport:
        """Train one TrainTask to its end, while no other is in work."""
        report = self.start(train_task)
        reports = [report] if report else []
        while not reports:
            reports = self.turn()
        return reports[0]

    def forget(self, trial: str) -> None:
        """Drop a paused trial from memory; its checkpoints stay."""
        self._paused.pop(trial, None)

    def _open(self, train_task: TrainTask) -> _Work:
        spec = train_task.spec
        newest = newest_checkpoint(self._trials / spec.id, train_task.until, fingerprint(spec))
        checkpoint, facts = self._runtime.agree(newest or (None, NOTHING_YET))
        if train_task.checkpoint and (checkpoint is None or checkpoint.step < train_task.checkpoint.step):
            step = checkpoint.step if checkpoint else 0
            LOG.warning(
                "%s is not whole: %s goes on from step %d.", train_task.checkpoint.folder, spec.id, step
            )
        points = [decode(ValidationPoint, raw) for raw in facts["points"]]
        trainer, timing = self._trainer(train_task, checkpoint), _timing(facts)
        return _Work(trainer, train_task, points, timing, timing.wall, memory_mib=facts["memory_mib"])

    def _trainer(self, train_task: TrainTask, checkpoint: Checkpoint | None) -> TrialTrainer:
        paused = self._paused.pop(train_task.spec.id, None)
        if paused and checkpoint and paused[1] == checkpoint.step:
            return paused[0]
        spec = train_task.spec
        trainer = TrialTrainer(
            self._models.base(spec.model), self._models.blocks(spec.model, spec.data), spec, self._runtime
        )
        if checkpoint:
            _load(trainer, checkpoint)
        return trainer

    def _advance(self, works: Sequence[_Work]) -> None:
        """One step of each trainer of a group, and the validations that are due."""
        self._memory.begin()
        for work, result in zip(works, self._packer.step([work.trainer for work in works]), strict=True):
            self._take(work, result)
            work.losses.append(result.loss)
        due = [work for work in works if not work.ending and work.validates]
        results = self._packer.validate([work.trainer for work in due]) if due else []
        for work, result in zip(due, results, strict=True):
            self._take(work, result)
            work.loss = result.loss
        memory = self._memory.mib()
        for work in works:
            if not work.ending:
                work.memory_mib = max(work.memory_mib, memory)
                self._judge(work)

    def _take(self, work: _Work, result: StepResult) -> None:
        work.timing += result.timing
        if result.error:
            refuse_machines_trouble(self._runtime.device, result.error)
            work.ending = (TrialState.FAILED, words_of(result.error))

    def _judge(self, work: _Work) -> None:
        """After a step: end a diverged trial, record a validation point, write a checkpoint that is due."""
        due, step = work.validates, work.trainer.step_count
        if not math.isfinite(work.losses[-1]) or (due and not math.isfinite(work.loss)):
            validation = work.loss if due else "not measured"
            what = f"training loss {work.losses[-1]}, validation loss {validation} at step {step}."
            work.ending = (TrialState.DIVERGED, what)
        elif due:
            self._note(work)
            if not work.through and work.timing.wall - work.saved_at > self._checkpoint_seconds:
                self._save(work)

    def _note(self, work: _Work) -> None:
        train_loss = sum(work.losses) / len(work.losses)
        work.points.append(ValidationPoint(work.trainer.step_count, work.loss, train_loss, work.timing.wall))
        refuse_other_loss(work.train_task, work.points[-1])
        work.losses.clear()

    def _save(self, work: _Work) -> Checkpoint:
        points = [encode(point) for point in work.points]
        facts = {
            "points": points,
            "timing": encode(work.timing),
            "memory_mib": work.memory_mib,
            "spec": fingerprint(work.train_task.spec),
            "base_revision": self._models.base(work.train_task.spec.model).revision,
        }
        folder = self._trials / work.train_task.spec.id
        work.saved_at = work.timing.wall
        if self._runtime.rank == 0:
            with machines_trouble(f"{folder}: no checkpoint can be written there"):
                write = partial(write_checkpoint, folder, work.trainer.step_count, facts, work.trainer.save)
                return with_room(folder, write)
        return Checkpoint(str(folder / f"checkpoint-{work.trainer.step_count}"), work.trainer.step_count)

    def _close(self, work: _Work, state: TrialState, reason: str) -> TrainReport:
        spec, trainer = work.train_task.spec, work.trainer
        if state is not TrialState.PAUSED:
            refuse_other_end(work.train_task, trainer.step_count, reason)
        checkpoint = self._save(work) if state is TrialState.PAUSED else None
        size = (
            folder_bytes(Path(checkpoint.folder) / ADAPTER) if checkpoint and self._runtime.rank == 0 else 0
        )
        base = self._models.base(spec.model).parameters
        timing = work.timing
        cost = Cost(timing.wall, work.memory_mib, trainer.trainable_parameters, size, base, *timing.recorded)
        if state is TrialState.PAUSED and trainer.shares_base and trainer.step_count < spec.recipe.max_steps:
            self._paused[spec.id] = (trainer, trainer.step_count)
            while len(self._paused) > self._paused_kept:
                self.forget(next(iter(self._paused)))
        first_step = work.train_task.checkpoint.step if work.train_task.checkpoint else 0
        points = tuple(point for point in work.points if point.step > first_step)
        return TrainReport(spec.id, state, points, checkpoint, cost, reason, trainer.setup)


def _load(trainer: TrialTrainer, checkpoint: Checkpoint) -> None:
    """Load a whole checkpoint of the trainer's trial. What goes wrong is no fault of the trial."""
    with machines_trouble(f"{checkpoint.folder}: the checkpoint cannot be loaded"):
        try:
            trainer.load(Path(checkpoint.folder), checkpoint.step)
        except ConfigError as error:
            raise TornFile(f"{checkpoint.folder}: of another version of the package: {error}") from error


def _timing(facts: Mapping[str, Any]) -> Timing:
    """What the passes before a checkpoint took; older checkpoints hold the wall time alone."""
    return (
        decode(Timing, facts["timing"]) if "timing" in facts else Timing(facts["seconds"], math.nan, math.nan)
    )
