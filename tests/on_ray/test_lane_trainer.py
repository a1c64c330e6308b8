"""A lane's run of Ray Train: how waiting for it ends, and what joins its workers."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import sleep
from types import SimpleNamespace
from typing import Any

import pytest
from ray.train import BackendConfig, RunConfig
from ray.train.torch import TorchConfig

from astraios_ray.on_ray import lane_trainer, ray_private
from astraios_ray.on_ray.lane_trainer import LaneLeft, LaneTrainer, process_group
from astraios_ray.on_ray.lanes import serve


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
    endless, leaving = EndlessRay(), Event()
    for module in (lane_trainer, ray_private):
        monkeypatch.setattr(module, "ray", endless)
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
