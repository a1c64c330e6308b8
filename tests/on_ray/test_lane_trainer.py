"""A lane's run of Ray Train: what it starts, what it leaves out, and how waiting for it ends."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import sleep
from types import SimpleNamespace
from typing import Any

import pytest
from ray.train import BackendConfig, RunConfig
from ray.train.torch import TorchConfig
from ray.train.v2.api.data_parallel_trainer import DataParallelTrainer

from astraios_ray.on_ray import lane_trainer
from astraios_ray.on_ray.lane_entry import serve
from astraios_ray.on_ray.lane_trainer import NEEDLESS, LaneLeft, LaneTrainer, process_group


def names(trainer: DataParallelTrainer) -> list[str]:
    return [type(callback).__name__ for callback in trainer._create_default_callbacks()]


def test_a_lane_starts_all_that_ray_train_starts_but_what_it_makes_no_use_of(tmp_path: Path) -> None:
    run = RunConfig(storage_path=str(tmp_path))
    usual = names(DataParallelTrainer(serve, run_config=run))
    assert set(NEEDLESS) <= set(usual)  # else Ray calls them otherwise now, and lanes start later
    ours = names(LaneTrainer(serve, leaving=Event(), run_config=run))
    assert ours == [name for name in usual if name not in NEEDLESS]


class EndlessRay:
    """A Ray on which the lane's run never ends; counts how often it is called."""

    def __init__(self) -> None:
        self._raylet = SimpleNamespace(RAY_NODE_ID_KEY="ray.io/node-id")
        self.calls = 0

    def get_runtime_context(self) -> Any:
        return SimpleNamespace(get_node_id=lambda: "the driver's")

    def remote(self, **options: Any) -> Any:
        assert options["label_selector"] == {"ray.io/node-id": "the driver's"}
        controller = SimpleNamespace(run=SimpleNamespace(remote=lambda: "its end"))
        return lambda actor: SimpleNamespace(remote=lambda **parts: controller)

    def wait(self, promises: list[str], timeout: float) -> tuple[list[str], list[str]]:
        self.calls += 1
        sleep(0.01)
        return [], promises


def test_who_waits_for_a_lane_is_called_off_and_calls_ray_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hasattr(DataParallelTrainer, "_initialize_and_run_controller")  # else Ray's own waits, for ever
    endless, leaving = EndlessRay(), Event()
    monkeypatch.setattr(lane_trainer, "ray", endless)
    trainer = LaneTrainer(serve, leaving=leaving, run_config=RunConfig(storage_path=str(tmp_path)))
    with ThreadPoolExecutor(1) as pool:
        lane = pool.submit(trainer._initialize_and_run_controller)
        while endless.calls < 3:
            sleep(0.01)
        leaving.set()
        assert isinstance(lane.exception(10), LaneLeft)
    calls = endless.calls
    sleep(0.05)
    assert endless.calls == calls


def test_only_workers_that_are_several_are_joined() -> None:
    assert type(process_group(1, gpu=True)) is BackendConfig
    joined = process_group(2, gpu=False), process_group(2, gpu=True)
    assert [config.backend for config in joined if isinstance(config, TorchConfig)] == ["gloo", "nccl"]
