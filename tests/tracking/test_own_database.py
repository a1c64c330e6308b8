"""A run folder's MLflow database is whole or set aside; what a study told is in the new one."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from astraios_ray.tracking import mlflow_tracker, own_database
from astraios_ray.tracking.own_database import provide_database
from tests.tracking import story
from tests.tracking.sessions import resend, tell


def half_created(path: Path) -> None:
    """Tables without the version that MLflow writes last, as a kill in the first second leaves them."""
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE experiments (experiment_id INTEGER)")
        database.commit()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def garbage(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def make(path: Path) -> None:
    """As MLflow does, which takes seconds for it."""
    story.place_database(path.parent)
    (path.parent / "mlflow.db").rename(path)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlflow_tracker, "provide_database", lambda path, _: provide_database(path, make))


def test_a_folder_in_place_of_the_database_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").mkdir()
    provide_database(tmp_path / "mlflow.db", make)
    assert own_database._is_whole(tmp_path / "mlflow.db")
    (aside,) = tmp_path.glob("mlflow.damaged-*.db")
    assert aside.is_dir()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("damage", [half_created, empty, garbage, torn], ids=lambda damage: damage.__name__)
def test_a_damaged_database_is_set_aside_and_a_new_one_has_everything(
    damage: Callable[[Path], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tracker = tell(tmp_path)
    before = story.read_mlflow(tracker.uri)
    # MLflow keeps connections to a database's address, so the next session has another
    run = tmp_path.rename(tmp_path.with_name(f"{tmp_path.name}-moved"))
    damage(run / "mlflow.db")
    damaged = (run / "mlflow.db").read_bytes()
    (run / "mlflow.db-journal").write_bytes(b"of the damaged one")
    tracker = resend(run)
    assert tracker.backlog is not None
    assert tracker.backlog.events == 0
    after = story.read_mlflow(tracker.uri)
    assert {name: run["metrics"] for name, run in after.items()} == {
        name: run["metrics"] for name, run in before.items()
    }
    (aside,) = run.glob("mlflow.damaged-*.db")
    assert aside.read_bytes() == damaged
    assert f"mlflow.db is damaged and now is {aside.name}" in caplog.text
    assert not (run / "mlflow.db-journal").exists()


def test_what_a_kill_leaves_while_the_database_is_created_is_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "mlflow.db"
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            provide_database(path, make)
    assert not path.exists()
    (tmp_path / f"{own_database.UNFINISHED}killed").mkdir()
    provide_database(path, make)
    assert own_database._is_whole(path)
    assert [file.name for file in tmp_path.iterdir()] == ["mlflow.db"]


def test_a_database_that_another_process_writes_is_not_damaged(tmp_path: Path) -> None:
    story.place_database(tmp_path)
    with closing(sqlite3.connect(tmp_path / "mlflow.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        provide_database(tmp_path / "mlflow.db", make)
    assert [file.name for file in tmp_path.iterdir()] == ["mlflow.db"]
