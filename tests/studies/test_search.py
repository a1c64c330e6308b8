"""A session of a search closes what it opened in the right order."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from astraios_ray.cli.main import main
from astraios_ray.search.journal import read_journal
from astraios_ray.search.local_backend import LocalBackend
from astraios_ray.studies.ending_signals import ending_signals_restored
from astraios_ray.tracking.files_tracker import FilesTracker
from tests.fakes.backends import tiny_study, write_model, write_rows


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    with ending_signals_restored():
        yield


def test_tracker_and_journal_are_closed_before_the_backend_which_may_end_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tiny_study(write_model(tmp_path / "model"), write_rows(tmp_path / "rows.jsonl"))
    settings = {"output": str(tmp_path), "tracking": {"mlflow": False}, "methods": {"ia3": {}}}
    study = tmp_path / "tiny.yaml"
    study.write_text(yaml.safe_dump({**config.resolved(), **settings, "budget": {"trials": 1}}))
    closed: list[str] = []
    close_tracker = FilesTracker.close

    def tracker(files: FilesTracker) -> None:
        close_tracker(files)
        closed.append("tracker")

    def backend(local: LocalBackend) -> None:
        closed.append(f"backend, after {[*read_journal(tmp_path / 'tiny' / 'journal.jsonl')][-1]['kind']}")

    monkeypatch.setattr(FilesTracker, "close", tracker)
    monkeypatch.setattr(LocalBackend, "close", backend)
    with pytest.raises(SystemExit) as ending:
        main(["search", str(study), "--backend", "local", "--quiet"])
    assert ending.value.code == 0
    assert closed == ["tracker", "backend, after closed"]
