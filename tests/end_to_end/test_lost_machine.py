"""A search on two machines of a cluster goes on when one of them is lost."""

import gc
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ray.cluster_utils import Cluster

from astraios_ray.config.read_study import load_study
from astraios_ray.on_ray.cluster import _temp_dir, stop
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.local_backend import LocalBackend
from tests.end_to_end.searches import WAIT, search, train_reports
from tests.fakes.backends import conduct

QUICK = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_failure_threshold": 3,
}
SETTINGS = (
    "lanes.count=2",
    "lanes.gpus=0",
    "lanes.cpus=2",  # one lane fits on each machine
    "methods={lora: {r: 4}, ia3: {}}",
    "budget.trials=10",
)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    (tmp_path / "ray").mkdir()  # where Ray's Cluster writes its address; it does not make the folder
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    place = _temp_dir()  # a private folder, which ``stop`` removes
    head = {"num_cpus": 3, "_system_config": QUICK, "include_dashboard": False, "temp_dir": place}
    machines = Cluster(initialize_head=True, head_node_args=head)
    machines.add_node(num_cpus=2)
    machines.wait_for_nodes()
    yield machines
    machines.shutdown()
    stop()
    gc.collect()  # else Ray's sockets warn in the test that follows


@pytest.mark.ray
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # sockets with which Ray looked for free ports
def test_a_machine_without_the_search_is_lost_and_the_study_is_the_same(
    study: Path, cluster: Cluster, tmp_path: Path
) -> None:
    run = tmp_path / "runs" / "tiny"
    options = [part for setting in SETTINGS for part in ("--set", setting)]
    command = search(study, "--address", cluster.address, "--json", *options)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + WAIT
        while not train_reports(run) or lanes(run) < 2:
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < until, "the search came to nothing"
            time.sleep(0.05)
        cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
        assert process.poll() is None, "the search was over before the machine was lost"
        _, errors = process.communicate(timeout=WAIT)
    assert process.returncode == 0, errors
    undisturbed = StudyFolder(tmp_path / "alone")
    conduct(load_study(study, SETTINGS), undisturbed, LocalBackend(undisturbed.trials, slots=1, sandbox=None))
    assert losses(run) == pytest.approx(losses(undisturbed.place), abs=1e-6)


def lanes(run: Path) -> int:
    """The number of lanes in the search's status."""
    status = run / "status.json"
    return int(json.loads(status.read_text())["lanes"]) if status.exists() else 0


def losses(run: Path) -> dict[tuple[str, int], float]:
    return {(s.trial, p.step): p.loss for s in train_reports(run) for p in s.points}
