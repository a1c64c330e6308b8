"""What a session of Ray leaves on the disk: nothing."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from astraios_ray.on_ray import session


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_of_our_own_is_removed_in_the_end(place: Path) -> None:
    made = Path(session._temp_dir())
    assert made.parent == place
    assert len(made.name) < 32  # Ray puts sockets below it, whose paths may have 107 characters
    session.stop()
    assert not made.exists()


def test_the_folder_of_a_killed_search_is_removed_by_the_next(place: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as killed:
        killed.wait()
    stale, living, foreign = (
        place / name
        for name in (f"astraios-{killed.pid}-old", f"astraios-{os.getppid()}-other", "astraios-notes")
    )
    for folder in (stale, living, foreign):
        folder.mkdir()
    made = Path(session._temp_dir())
    assert sorted(place.iterdir()) == sorted([living, foreign, made])
    session.stop()
