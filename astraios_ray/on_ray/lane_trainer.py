"""A lane as a run of Ray Train that starts no process of which a lane makes no use."""

from threading import Event
from typing import Any

import ray
from ray.train import BackendConfig
from ray.train.v2.api import data_parallel_trainer as ray_train

NEEDLESS = (
    "DatasetsCallback",  # hands out shards of Ray Data's datasets; a lane reads its rows itself
    "PlacementGroupCleanerCallback",  # for a controller that died: its lane is given up, and no other started
)


MOMENT = 0.5  # seconds within a call of Ray


class LaneLeft(Exception):
    """Nobody waits for the lane's end any more."""


class LaneTrainer(ray_train.DataParallelTrainer):
    """What Ray Train's TorchTrainer is, without two actors that each import Ray Train, 2 to 3 CPU-seconds,
    before the lane's own first line; and whoever waits in ``fit`` can be called off.
    """

    def __init__(self, *args: Any, leaving: Event, **settings: Any) -> None:
        """``leaving``: once it is set, ``fit`` raises LaneLeft within a moment and calls Ray no more."""
        super().__init__(*args, **settings)
        self._leaving = leaving

    def _create_default_callbacks(self) -> list[Any]:
        """Those of Ray Train but the NEEDLESS. It has no public setting for them; where a version knows them
        by other names the lane starts later, and is no other.
        """
        every: list[Any] = super()._create_default_callbacks()
        return [callback for callback in every if type(callback).__name__ not in NEEDLESS]

    def _initialize_and_run_controller(self, **parts: Any) -> Any:
        """Ray Train's own waits within one call of Ray for the run's end, and so would a thread when Ray is
        left: Ray then ends the whole process.
        """
        node = {ray._raylet.RAY_NODE_ID_KEY: ray.get_runtime_context().get_node_id()}
        environment = {"env_vars": ray_train.get_env_vars_to_propagate()}
        actor: Any = ray.remote(num_cpus=0, label_selector=node, runtime_env=environment)
        controller = actor(ray_train.TrainController).remote(**parts)
        run = controller.run.remote()
        while not ray.wait([run], timeout=MOMENT)[0]:
            if self._leaving.is_set():
                raise LaneLeft
        ray.get(run)
        return ray.get(controller.get_result.remote())


def process_group(workers: int, *, gpu: bool) -> BackendConfig:
    """What joins a lane's workers: torch's process group, and nothing for a worker alone.

    With the former the lane's controller imports torch too: 2.4 CPU-seconds before it starts a worker.
    """
    if workers == 1:
        return BackendConfig()
    from ray.train.torch import TorchConfig

    return TorchConfig(backend="nccl" if gpu else "gloo")
