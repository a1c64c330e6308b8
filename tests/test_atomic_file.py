"""A file that is replaced as a whole, and drafts that killed processes left of it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from astraios_ray.atomic_file import replace_file

KILLED = "import os; os.kill(os.getpid(), 9)"


@pytest.fixture
def draft_of_a_killed_process(tmp_path: Path) -> Path:
    process = subprocess.Popen([sys.executable, "-c", KILLED])
    assert process.wait() == -signal.SIGKILL
    draft = tmp_path / f".status.json.{socket.gethostname()}.{process.pid}"
    draft.write_text('{"pha')
    return draft


def test_the_new_text_is_there_and_no_draft(tmp_path: Path) -> None:
    for text in ("one", "two ☃"):
        replace_file(tmp_path / "status.json", text)
        assert (tmp_path / "status.json").read_text(encoding="utf-8") == text
    assert len(list(tmp_path.iterdir())) == 1


def test_the_draft_of_a_killed_process_is_removed(tmp_path: Path, draft_of_a_killed_process: Path) -> None:
    replace_file(tmp_path / "status.json", "{}")
    assert not draft_of_a_killed_process.exists()


def test_the_draft_of_a_living_process_or_of_another_machine_stays(tmp_path: Path) -> None:
    host = socket.gethostname()
    drafts = {tmp_path / f".status.json.{owner}" for owner in (f"{host}.{os.getppid()}", f"x{host}.99999999")}
    for draft in drafts:
        draft.write_text("{")
    replace_file(tmp_path / "status.json", "{}")
    assert drafts < set(tmp_path.iterdir())
