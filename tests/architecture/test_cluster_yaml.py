"""cluster.yaml is one that Ray accepts, costs nothing while idle, and opens nothing to the world."""

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "cluster.yaml").read_text()


@pytest.fixture(scope="module")
def cluster() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(TEXT)
    return loaded


def node_types(cluster: dict[str, Any]) -> dict[str, Any]:
    types: dict[str, Any] = cluster["available_node_types"]
    return types


def workers(cluster: dict[str, Any]) -> dict[str, Any]:
    return {name: node for name, node in node_types(cluster).items() if name != cluster["head_node_type"]}


def images(cluster: dict[str, Any]) -> list[str]:
    everywhere = [cluster["docker"], *(node.get("docker", {}) for node in node_types(cluster).values())]
    return [str(docker[key]) for docker in everywhere for key in docker if key.endswith("image")]


def test_it_follows_the_schema_that_ray_ships(cluster: dict[str, Any]) -> None:
    ray = find_spec("ray")  # found, not imported
    assert ray is not None
    assert ray.origin is not None
    schema = json.loads((Path(ray.origin).parent / "autoscaler" / "ray-schema.json").read_text())
    jsonschema.validate(cluster, schema)


def test_the_schema_would_catch_a_misspelt_key(cluster: dict[str, Any]) -> None:
    ray = find_spec("ray")
    assert ray is not None
    assert ray.origin is not None
    schema = json.loads((Path(ray.origin).parent / "autoscaler" / "ray-schema.json").read_text())
    with pytest.raises(jsonschema.ValidationError, match="idle_timeout_minuts"):
        jsonschema.validate({**cluster, "idle_timeout_minuts": 5}, schema)


def test_every_image_has_the_ray_and_the_python_that_are_tested(cluster: dict[str, Any]) -> None:
    pinned = re.search(r"^ray==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert pinned is not None
    assert len(images(cluster)) == 3
    for image in images(cluster):
        assert re.fullmatch(rf"rayproject/ray:{re.escape(pinned[1])}-py311-(gpu|cpu)", image)


def test_only_gpu_nodes_have_the_gpu_image(cluster: dict[str, Any]) -> None:
    docker = cluster["docker"]
    assert docker["head_image"].endswith("-cpu")
    for node in workers(cluster).values():
        image = node.get("docker", {}).get("worker_image", docker["image"])
        assert image.endswith("-gpu" if node["resources"]["GPU"] else "-cpu")


def test_no_worker_is_kept_while_there_is_nothing_to_do(cluster: dict[str, Any]) -> None:
    assert {name: node["min_workers"] for name, node in workers(cluster).items()} == {
        "gpu": 0,
        "evaluator": 0,
    }
    assert 0 < cluster["idle_timeout_minutes"] <= 15
    assert cluster["provider"]["cache_stopped_nodes"] is False
    assert cluster["max_workers"] == sum(node["max_workers"] for node in workers(cluster).values())


def test_workers_are_spot_nodes_and_the_head_is_not(cluster: dict[str, Any]) -> None:
    for node in workers(cluster).values():
        assert node["node_config"]["InstanceMarketOptions"] == {"MarketType": "spot"}
    assert "InstanceMarketOptions" not in node_types(cluster)[cluster["head_node_type"]]["node_config"]


def test_the_head_has_no_gpu_and_judges_nothing(cluster: dict[str, Any]) -> None:
    assert node_types(cluster)[cluster["head_node_type"]]["resources"] == {"CPU": 1, "GPU": 0}


def test_sandboxes_are_on_cpu_nodes_with_a_cpu_for_each(cluster: dict[str, Any]) -> None:
    with_sandboxes = [
        node["resources"] for node in workers(cluster).values() if "sandbox" in node["resources"]
    ]
    assert len(with_sandboxes) == 1
    assert with_sandboxes[0]["GPU"] == 0
    assert 0 < with_sandboxes[0]["sandbox"] <= with_sandboxes[0]["CPU"]


def test_only_evaluators_run_without_dockers_confinement(cluster: dict[str, Any]) -> None:
    assert not any("security-opt" in option for option in cluster["docker"]["run_options"])
    loosened = {
        name for name, node in workers(cluster).items() if "worker_run_options" in node.get("docker", {})
    }
    assert loosened == {"evaluator"}
    assert not any("privileged" in option or "cap-add" in option for option in all_options(cluster))


def all_options(cluster: dict[str, Any]) -> list[str]:
    worker_options = [
        node.get("docker", {}).get("worker_run_options", []) for node in workers(cluster).values()
    ]
    return [*cluster["docker"]["run_options"], *(option for options in worker_options for option in options)]


def test_each_loosened_option_has_its_reason_beside_it() -> None:
    lines = [line for line in TEXT.splitlines() if "--security-opt" in line]
    assert len(lines) == 3
    assert all(re.search(r" # \w+", line) for line in lines)


def test_the_cluster_asks_for_a_token_that_only_its_owner_can_read(cluster: dict[str, Any]) -> None:
    assert "--env RAY_AUTH_MODE=token" in cluster["docker"]["run_options"]
    assert cluster["file_mounts"]["/home/ray/.ray/auth_token"] == "~/.ray/auth_token"
    assert "chmod 600 /home/ray/.ray/auth_token" in cluster["setup_commands"]


def test_no_port_is_open_to_the_world(cluster: dict[str, Any]) -> None:
    assert "security_group" not in cluster["provider"]
    assert "0.0.0.0" not in TEXT
    assert "--dashboard-host=127.0.0.1" in " ".join(cluster["head_start_ray_commands"])
    assert not any(option.startswith(("-p", "--publish")) for option in all_options(cluster))


def test_runs_secrets_and_caches_stay_at_home(cluster: dict[str, Any]) -> None:
    assert {".git", ".venv", "runs", "mlflow/server.env"} <= set(cluster["rsync_exclude"])
    assert cluster["rsync_filter"] == [".gitignore"]


def test_every_node_installs_what_is_tested_and_the_sandbox(cluster: dict[str, Any]) -> None:
    commands = " ".join(cluster["setup_commands"])
    assert "pip install --constraint constraints.txt --editable ." in commands
    assert "bubblewrap" in commands
    assert "libseccomp2" in commands


def test_nobody_runs_it_with_an_image_they_did_not_choose(cluster: dict[str, Any]) -> None:
    """The placeholder is no image, so AWS refuses it; an empty one would mean Ray's own, of 2018."""
    images = {node["node_config"]["ImageId"] for node in node_types(cluster).values()}
    assert len(images) == 1
    assert re.fullmatch(r"ami-[0-9a-f]{17}", images.pop())
