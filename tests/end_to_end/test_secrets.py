"""Secrets in the addresses of a study: none is in its run folder, in MLflow, in logs or in errors."""

import logging
from pathlib import Path

import pytest
import yaml

import astraios_ray as ar
from astraios_ray.errors import ConfigError
from tests.tracking.story import place_database

SECRET = "planted0secret"
SMALL = {"methods": {"ia3": {}}, "budget.trials": 1, "evaluate.tasks": []}


def search_tracked_at(uri: str, study: Path) -> ar.Run:
    """A search that is tracked at ``uri``, as its study file says."""
    config = yaml.safe_load(study.read_text())
    config["tracking"] = {"mlflow": True, "uri": uri}
    study.write_text(f"# see https://me:{SECRET}@host/?token={SECRET}\n{yaml.safe_dump(config, width=60)}")
    return ar.search(study, SMALL, backend="local")


def holders(folder: Path) -> list[str]:
    """The files below ``folder`` that hold the secret in their names or bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 8
    return [str(path) for path in files if SECRET in str(path) or SECRET.encode() in path.read_bytes()]


@pytest.mark.slow
def test_no_secret_is_in_the_run_folder_and_in_mlflow(study: Path, tmp_path: Path) -> None:
    place_database(tmp_path / "store")
    store = tmp_path / "store" / "mlflow.db"
    run = search_tracked_at(f"sqlite:///file:{store}?uri=true&token={SECRET}", study)
    assert holders(tmp_path / "runs") == []
    assert b"t0000" in store.read_bytes()
    assert SECRET.encode() not in store.read_bytes()
    assert SECRET not in str(run)
    resolved = yaml.safe_load((tmp_path / "runs" / "tiny" / "resolved.yaml").read_text())
    assert resolved["tracking"]["uri"] == f"sqlite:///file:{store}?uri=true&token=***"


@pytest.mark.slow
@pytest.mark.parametrize(
    "uri",
    [
        f"http://me:{SECRET}@127.0.0.1:9/?api_key={SECRET}",
        f"postgresql+psycopg2://me:p {SECRET}@/w@127.0.0.1:9/db?sslpassword={SECRET}",
    ],
    ids=["a server", "a database"],
)
def test_no_secret_is_in_what_is_said_where_nothing_answers(
    uri: str, study: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "astraios_ray"):
        search_tracked_at(uri, study)
    assert "tracking events are not in MLflow at " in caplog.text
    assert SECRET not in caplog.text
    assert holders(tmp_path / "runs") == []


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("http://me:***@127.0.0.1:9", "http://me:[*]{3}@127.0.0.1:9 is masked, .* MLFLOW_TRACKING_URI"),
        (f"ftp://me:{SECRET}@host", "expected an address .*, got 'ftp://me:[*]{3}@host'"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_secret(
    uri: str, reason: str, study: Path
) -> None:
    with pytest.raises(ConfigError, match=reason):
        search_tracked_at(uri, study)
