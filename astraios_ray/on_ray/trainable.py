"""Tune's trainable of a trial: waits for the reports of its train tasks."""

import json
from functools import partial
from typing import Any

import ray
from ray import tune

from astraios_ray.on_ray.answer import answer_of
from astraios_ray.records import TrainReport, encode


class TrialTrainable(tune.Trainable):
    """One ``step`` is one train task, which the dispatcher has. Holds no model and imports no torch."""

    def setup(self, config: dict[str, Any]) -> None:
        """Set up the trial of ``config``."""
        self._dispatcher = ray.get_actor(config["dispatcher"], namespace=config["namespace"])
        self._trial: str = config["trial"]

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Set up another trial in the same process."""
        self.setup(new_config)
        return True

    def step(self) -> dict[str, Any]:
        """Wait until a lane has trained the train task; the result carries its report to the scheduler."""
        train_report: TrainReport = answer_of(partial(self._dispatcher.report_of.remote, self._trial))
        return {"train_report": json.dumps(encode(train_report))}  # as text: Tune takes dictionaries apart

    def save_checkpoint(self, checkpoint_dir: str) -> dict[str, Any]:
        """Name the trial: its checkpoint is known to the board, and the lane has written it."""
        return {"trial": self._trial}

    def load_checkpoint(self, checkpoint: dict[str, Any] | None) -> None:
        """Do nothing: the next train task names the checkpoint to continue from."""
