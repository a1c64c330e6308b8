"""A search on a full disk says so, fails no trial, and goes on once there is room."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from astraios_ray.search.journal import read_journal
from tests.end_to_end.searches import WAIT, run_to_end, search

SMALL = ("methods={ia3: {}, lora: {r: 2}}", "budget.trials=4")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A separate file system of one MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a file system")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("free", [8, 60, 240], ids=lambda free: f"{free} KiB")
def test_a_full_disk_fails_no_trial_and_the_same_command_goes_on(free: int, study: Path, disk: Path) -> None:
    """Which file fails first depends on how much of the disk is free."""
    filler = disk / "filler"
    filler.write_bytes(bytes((1024 - free) * 1024))
    options = [part for setting in (f"output={disk}", *SMALL) for part in ("--set", setting)]
    command = search(study, "--backend", "local", "--json", *options)
    stopped = subprocess.run(command, capture_output=True, text=True, timeout=WAIT, check=False)
    assert stopped.returncode == 1, stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert "No space left on device" in stopped.stderr
    assert "the same command goes on" in stopped.stderr
    ended = [r for r in read_journal(disk / "tiny" / "journal.jsonl") if r["kind"] == "train_report"]
    assert {record["train_report"]["state"] for record in ended} <= {"paused"}
    filler.unlink()
    assert run_to_end(command)["complete"] is True
