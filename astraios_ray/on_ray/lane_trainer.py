"""A lane as a run of Ray Train that starts no process of which a lane makes no use."""

from typing import Any

from ray.train import BackendConfig
from ray.train.v2.api.data_parallel_trainer import DataParallelTrainer

NEEDLESS = (
    "DatasetsCallback",  # hands out shards of Ray Data's datasets; a lane reads its rows itself
    "PlacementGroupCleanerCallback",  # for a controller that died: its lane is given up, and no other started
)


class LaneTrainer(DataParallelTrainer):
    """What Ray Train's TorchTrainer is, without two actors that each import Ray Train, 2 to 3 CPU-seconds,
    before the lane's own first line.
    """

    def _create_default_callbacks(self) -> list[Any]:
        """Those of Ray Train but the NEEDLESS. It has no public setting for them; where a version knows them
        by other names the lane starts later, and is no other.
        """
        every: list[Any] = super()._create_default_callbacks()
        return [callback for callback in every if type(callback).__name__ not in NEEDLESS]


def process_group(workers: int, *, gpu: bool) -> BackendConfig:
    """What joins a lane's workers: torch's process group, and nothing for a worker alone.

    With the former the lane's controller imports torch too: 2.4 CPU-seconds before it starts a worker.
    """
    if workers == 1:
        return BackendConfig()
    from ray.train.torch import TorchConfig

    return TorchConfig(backend="nccl" if gpu else "gloo")
