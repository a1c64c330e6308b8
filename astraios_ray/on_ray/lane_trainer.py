"""Runs a lane with Ray Train, without the processes that a lane does not use."""

from threading import Event
from typing import Any

import ray
from ray.train import BackendConfig
from ray.train.v2.api import data_parallel_trainer as ray_train

from astraios_ray.on_ray.answer import MOMENT

NEEDLESS = (
    "DatasetsCallback",  # hands out shards of Ray Data's datasets; a lane reads its rows without Ray Data
    "PlacementGroupCleanerCallback",  # for a controller that died; its lane is given up and not replaced
)


class LaneLeft(Exception):
    """Raised in ``fit`` when the search no longer waits for the lane to end."""


class LaneTrainer(ray_train.DataParallelTrainer):
    """Ray Train's TorchTrainer without two actors that a lane does not use; its ``fit`` can be ended.

    Each of the two actors imports Ray Train for 2 to 3 CPU-seconds before the lane starts.
    """

    def __init__(self, *args: Any, leaving: Event, **settings: Any) -> None:
        """``leaving``: once it is set, ``fit`` soon raises LaneLeft and calls Ray no more."""
        super().__init__(*args, **settings)
        self._leaving = leaving

    def _create_default_callbacks(self) -> list[Any]:
        """Ray Train's callbacks but those in NEEDLESS. Ray Train has no public setting for them.

        In a version that names them otherwise the lane starts later and works as before.
        """
        callbacks: list[Any] = super()._create_default_callbacks()
        return [callback for callback in callbacks if type(callback).__name__ not in NEEDLESS]

    def _initialize_and_run_controller(self, **parts: Any) -> Any:
        """Run the controller and wait for it in short calls of Ray.

        Ray Train waits in one long call. A thread that is in a call when the process leaves Ray makes Ray
        end the whole process.
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
    """What joins the workers of a lane: torch's process group for several, nothing for one.

    With a process group the lane's controller imports torch for 2.4 CPU-seconds before it starts a worker.
    """
    if workers == 1:
        return BackendConfig()
    from ray.train.torch import TorchConfig

    return TorchConfig(backend="nccl" if gpu else "gloo")
