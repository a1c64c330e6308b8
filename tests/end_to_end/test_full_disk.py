"""A search on a full disk says so, fails no trial, and goes on once there is room."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from astraios_ray.disk_room import LONGEST_VARIABLE
from astraios_ray.records import TrialState
from astraios_ray.search.journal import read_journal
from astraios_ray.studies.run import open_run
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
@pytest.mark.parametrize("free", [8, 240], ids=lambda free: f"{free} KiB")
def test_a_full_disk_fails_no_trial_and_the_same_command_goes_on(free: int, study: Path, disk: Path) -> None:
    """Which file fails first depends on how much of the disk is free."""
    filler = disk / "filler"
    filler.write_bytes(bytes((1024 - free) * 1024))
    options = [part for setting in (f"output={disk}", *SMALL) for part in ("--set", setting)]
    command = search(study, "--backend", "local", "--json", *options)
    at_once = {**os.environ, LONGEST_VARIABLE: "0"}
    stopped = subprocess.run(command, capture_output=True, text=True, timeout=WAIT, env=at_once, check=False)
    assert stopped.returncode == 1, stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert "No space left on device" in stopped.stderr
    assert "the same command goes on" in stopped.stderr
    ended = [r for r in read_journal(disk / "tiny" / "journal.jsonl") if r["kind"] == "train_report"]
    assert {record["train_report"]["state"] for record in ended} <= {"paused"}
    filler.unlink()
    assert run_to_end(command)["complete"] is True


@pytest.mark.slow
def test_a_search_waits_for_room_and_goes_on_by_itself(study: Path, disk: Path) -> None:
    filler = disk / "filler"
    filler.write_bytes(bytes((1024 - 60) * 1024))
    options = [part for setting in (f"output={disk}", *SMALL) for part in ("--set", setting)]
    command = search(study, "--backend", "local", "--json", *options)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        said = next(line for line in process.stderr if "is full" in line)
        filler.unlink()
        rest = process.stderr.read()
        assert process.wait(WAIT) == 0, said + rest
    assert "the search waits for room, up to 20 minutes" in said
    assert "has room again: the search goes on." in rest
    assert {result.state for result in open_run(disk / "tiny").record.results} <= {
        TrialState.COMPLETE,
        TrialState.STOPPED,
    }
