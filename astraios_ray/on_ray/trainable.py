"""Tune's trainable of a trial: sends its train task to the lanes and returns their report."""

import json
from functools import partial
from typing import Any

import ray
from ray import tune

from astraios_ray.on_ray.answer import answer_of
from astraios_ray.records import Checkpoint, TrainReport, TrainTask, TrialSpec, decode, encode


class TrialTrainable(tune.Trainable):
    """One ``step`` is one train task, up to the next rung. Holds no model and imports no torch."""

    def setup(self, config: dict[str, Any]) -> None:
        """Set up the trial of ``config``."""
        self._dispatcher = ray.get_actor(config["dispatcher"], namespace=config["namespace"])
        self._spec = decode(TrialSpec, config["spec"])
        self._rungs: list[int] = config["rungs"]
        self._checkpoint = _checkpoint(config["checkpoint"])

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Set up another trial in the same process."""
        self.setup(new_config)
        return True

    def step(self) -> dict[str, Any]:
        """Wait until a lane has trained the train task; the result carries its report to the scheduler."""
        start = self._checkpoint.step if self._checkpoint else 0
        train_task = TrainTask(
            self._spec, next(rung for rung in self._rungs if rung > start), self._checkpoint
        )
        train_report: TrainReport = answer_of(partial(self._dispatcher.train.remote, train_task))
        self._checkpoint = train_report.checkpoint or self._checkpoint
        return {"train_report": json.dumps(encode(train_report))}  # as text: Tune takes dictionaries apart

    def save_checkpoint(self, checkpoint_dir: str) -> dict[str, Any]:
        """Name the trial's checkpoint, which the lane has written."""
        return {"checkpoint": encode(self._checkpoint) if self._checkpoint else None}

    def load_checkpoint(self, checkpoint: dict[str, Any] | None) -> None:
        """Continue from the checkpoint that ``save_checkpoint`` named."""
        assert checkpoint is not None
        self._checkpoint = _checkpoint(checkpoint["checkpoint"])


def _checkpoint(raw: Any) -> Checkpoint | None:
    return decode(Checkpoint, raw) if raw else None
