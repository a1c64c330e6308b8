"""Runs a lane with Ray Train, in a way that the search can leave."""

from threading import Event
from typing import Any

import ray
from ray.train import BackendConfig

from astraios_ray.on_ray.answer import MOMENT
from astraios_ray.on_ray.ray_private import LeanTrainer


class LaneLeft(Exception):
    """Raised in ``fit`` when the search no longer waits for the lane to end."""


class LaneTrainer(LeanTrainer):
    """A trainer whose ``fit`` can be ended."""

    def __init__(self, *args: Any, leaving: Event, **settings: Any) -> None:
        """``leaving``: once it is set, ``fit`` soon raises LaneLeft and calls Ray no more."""
        super().__init__(*args, **settings)
        self._leaving = leaving

    def wait_for(self, run: Any) -> None:
        """Wait in short calls of Ray.

        A thread that is in a call when the process leaves Ray makes Ray end the whole process.
        """
        while not ray.wait([run], timeout=MOMENT)[0]:
            if self._leaving.is_set():
                raise LaneLeft


def process_group(workers: int, *, gpu: bool) -> BackendConfig:
    """What joins the workers of a lane: torch's process group for several, nothing for one.

    With a process group the lane's controller imports torch for 2.4 CPU-seconds before it starts a worker.
    """
    if workers == 1:
        return BackendConfig()
    from ray.train.torch import TorchConfig

    return TorchConfig(backend="nccl" if gpu else "gloo")
