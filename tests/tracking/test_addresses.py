"""The addresses of trials' runs in MLflow's pages."""

from pathlib import Path

import pytest

from astraios_ray.tracking.acknowledged import Acknowledged
from astraios_ray.tracking.addresses import acknowledged_file, run_addresses


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
