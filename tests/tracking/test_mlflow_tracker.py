"""The MLflow tracker and its store: what the store holds after failures of either."""

import logging
from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError
from astraios_ray.tracking.mlflow_tracker import MlflowTracker
from tests.tracking import story
from tests.tracking.sessions import RUNS, forget, resend, tell


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    story.place_database(tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder whose store has the complete story. No test may change it."""
    folder = tmp_path_factory.mktemp("told")
    story.place_database(folder)
    tell(folder)
    return folder


def test_the_study_is_an_experiment_that_ranks_by_validation_loss(run_folder: Path) -> None:
    from mlflow import MlflowClient

    experiment = MlflowClient(f"sqlite:///{run_folder / 'mlflow.db'}").get_experiment_by_name("toy")
    assert experiment.tags["mlflow.experiment.primaryMetric.name"] == "val/loss"
    assert experiment.tags["mlflow.experiment.primaryMetric.greaterIsBetter"] == "false"
    assert experiment.artifact_location == (run_folder / "mlartifacts").as_uri()


def test_everything_sent_again_changes_nothing(run_folder: Path) -> None:
    before = story.read_mlflow(f"sqlite:///{run_folder / 'mlflow.db'}")
    forget(run_folder)
    tracker = resend(run_folder)
    assert tracker.backlog is not None
    assert tracker.backlog.events == 0
    assert story.read_mlflow(tracker.uri) == before


def test_another_store_is_given_the_whole_study(run_folder: Path, tmp_path: Path) -> None:
    first = story.read_mlflow(f"sqlite:///{run_folder / 'mlflow.db'}")
    story.place_database(tmp_path)
    assert story.read_mlflow(resend(run_folder, f"sqlite:///{tmp_path / 'mlflow.db'}").uri) == first


def test_a_run_that_exists_twice_is_tidied(folder: Path) -> None:
    """As when an answer to a creation was lost, and the creation repeated."""
    from mlflow import MlflowClient

    tracker = MlflowTracker(folder, linger=0.01)
    story.tell_first_session(tracker)
    tracker.close()
    client = MlflowClient(tracker.uri)
    experiment = client.get_experiment_by_name("toy").experiment_id
    run = client.search_runs([experiment], "tags.`astraios.trial_id` = 't0000'")[0]
    client.create_run(experiment, tags=run.data.tags)
    stranger = client.create_run(experiment, tags={"mine": "yes"}).info.run_id
    tell(folder)
    client.delete_run(stranger)  # raises when it had been deleted with the twin
    assert sorted(story.read_mlflow(tracker.uri)) == RUNS


def test_a_store_that_was_lost_is_filled_again(folder: Path) -> None:
    first = tell(folder)
    moved = MlflowTracker(folder, linger=0.01)  # before the loss, so that its state is the old one
    before = story.read_mlflow(first.uri)
    from mlflow import MlflowClient

    client = MlflowClient(first.uri)
    for run in client.search_runs([client.get_experiment_by_name("toy").experiment_id]):
        client.delete_run(run.info.run_id)
    moved.point(story.spec(2), story.point(20))
    moved.close()
    after = story.read_mlflow(first.uri)
    assert sorted(after) == RUNS
    assert after["t0000"] == before["t0000"]


def test_a_report_that_is_gone_is_named_and_the_verdict_still_arrives(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tracker = MlflowTracker(folder, linger=0.01)
    story.tell_first_session(tracker)
    tracker.study_ended("verdict", [folder / "gone.md"], complete=True)
    with caplog.at_level(logging.WARNING):
        tracker.close()
    assert story.read_mlflow(tracker.uri)["search"]["tags"]["mlflow.note.content"] == "verdict"
    assert "these files are gone" in caplog.text


@pytest.mark.parametrize("uri", ["mlruns", "./mlruns", "file:///tmp/mlruns", "ftp://host", "sqlite"])
def test_an_address_that_mlflow_cannot_use_is_refused_at_once(tmp_path: Path, uri: str) -> None:
    with pytest.raises(ConfigError, match=r"expected an address that begins with one of http"):
        MlflowTracker(tmp_path, uri)


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    tracker = MlflowTracker(tmp_path, "postgresql+psycopg2://me:secret@host/db")
    assert tracker.uri == "postgresql+psycopg2://me:***@host/db"


def test_without_an_address_the_store_is_in_the_run_folder(tmp_path: Path) -> None:
    assert MlflowTracker(tmp_path / "run").uri == f"sqlite:///{tmp_path / 'run' / 'mlflow.db'}"
