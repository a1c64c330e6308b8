"""A lane's run of Ray Train: what it starts, and what it leaves out."""

from pathlib import Path

from ray.train import BackendConfig, RunConfig
from ray.train.torch import TorchConfig
from ray.train.v2.api.data_parallel_trainer import DataParallelTrainer

from astraios_ray.on_ray.lane import serve
from astraios_ray.on_ray.lane_trainer import NEEDLESS, LaneTrainer, process_group


def names(trainer: DataParallelTrainer) -> list[str]:
    return [type(callback).__name__ for callback in trainer._create_default_callbacks()]


def test_a_lane_starts_all_that_ray_train_starts_but_what_it_makes_no_use_of(tmp_path: Path) -> None:
    run = RunConfig(storage_path=str(tmp_path))
    usual = names(DataParallelTrainer(serve, run_config=run))
    assert set(NEEDLESS) <= set(usual)  # else Ray calls them otherwise now, and lanes start later
    assert names(LaneTrainer(serve, run_config=run)) == [name for name in usual if name not in NEEDLESS]


def test_only_workers_that_are_several_are_joined() -> None:
    assert type(process_group(1, gpu=True)) is BackendConfig
    joined = process_group(2, gpu=False), process_group(2, gpu=True)
    assert [config.backend for config in joined if isinstance(config, TorchConfig)] == ["gloo", "nccl"]
