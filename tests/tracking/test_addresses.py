"""The addresses of trials' runs in MLflow's pages."""

import hashlib
from pathlib import Path

import pytest

from astraios_ray.tracking.acknowledged import Acknowledged
from astraios_ray.tracking.addresses import acknowledged_file, rename_acknowledged_file, run_addresses


def acknowledge(folder: Path, uri: str) -> None:
    (folder / "spool").mkdir()
    Acknowledged(0, {"": "parent", "t0003": "abc"}).save(acknowledged_file(folder / "spool", uri))


def test_a_servers_run_has_an_address_and_the_search_is_no_trial(tmp_path: Path) -> None:
    acknowledge(tmp_path, "http://127.0.0.1:5000/")
    assert run_addresses(tmp_path, "http://127.0.0.1:5000/") == {"t0003": "http://127.0.0.1:5000/#/runs/abc"}


def test_no_password_is_in_an_address(tmp_path: Path) -> None:
    acknowledge(tmp_path, "https://me:secret@host/mlflow")
    assert run_addresses(tmp_path, "https://me:secret@host/mlflow") == {
        "t0003": "https://host/mlflow/#/runs/abc"
    }


@pytest.mark.parametrize("uri", [None, "sqlite:///mlflow.db", "http://another:5000"])
def test_a_database_and_a_server_that_was_told_nothing_have_no_addresses(
    tmp_path: Path, uri: str | None
) -> None:
    acknowledge(tmp_path, "http://127.0.0.1:5000")
    assert run_addresses(tmp_path, uri) == {}


def test_other_secrets_are_the_same_address(tmp_path: Path) -> None:
    acknowledge(tmp_path, "http://me:old@host/?token=1")
    for uri in ("http://me:new@host/?token=2", "http://me:***@host/?token=***"):
        assert list(run_addresses(tmp_path, uri)) == ["t0003"]


def test_a_file_that_was_named_by_the_whole_address_is_found_again(tmp_path: Path) -> None:
    uri = "http://me:secret@host"
    name = f"acknowledged-{hashlib.sha256(uri.encode()).hexdigest()[:12]}.json"
    (tmp_path / name).write_text("{}")
    rename_acknowledged_file(tmp_path, uri)
    assert [path.name for path in tmp_path.iterdir()] == [acknowledged_file(tmp_path, uri).name] != [name]
