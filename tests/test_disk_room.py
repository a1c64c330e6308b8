"""A full disk is waited for; any other error is raised at once."""

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors import SafetensorError

from astraios_ray import disk_room
from astraios_ray.disk_room import LONGEST_VARIABLE, with_room
from astraios_ray.errors import ConfigError
from astraios_ray.search.journal import Journal, read_journal

NO_SPACE = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_room, "SECONDS_BETWEEN", 0.01)
    monkeypatch.setattr(disk_room, "_patience_over", False)


def failing(*errors: Exception) -> Callable[[], str]:
    """A write that raises ``errors``, one each time, and then succeeds."""
    to_raise = list(errors)

    def write() -> str:
        if to_raise:
            raise to_raise.pop(0)
        return "written"

    return write


@pytest.mark.parametrize(
    "error",
    [
        NO_SPACE,
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
    ],
    ids=["full", "quota", "safetensors"],
)
def test_it_goes_on_when_there_is_room(
    error: Exception, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert with_room(tmp_path, failing(error, error, error)) == "written"
    first, last = caplog.messages
    assert re.match(rf"The disk of {tmp_path} is full, [\d.]+ GiB are free: the search waits", first)
    assert last == f"The disk of {tmp_path} has room again: the search goes on."


def test_a_place_whose_folders_are_not_made_yet_is_waited_for(tmp_path: Path) -> None:
    assert with_room(tmp_path / "trials" / "t0000" / "checkpoint-3", failing(NO_SPACE)) == "written"


def test_the_cause_of_an_error_counts(tmp_path: Path) -> None:
    error = RuntimeError("it could not be written")
    error.__cause__ = NO_SPACE
    assert with_room(tmp_path, failing(error)) == "written"


@pytest.mark.parametrize("before", [[], [NO_SPACE]], ids=["at once", "after a wait"])
def test_another_error_is_raised(before: list[Exception], tmp_path: Path) -> None:
    with pytest.raises(PermissionError):
        with_room(tmp_path, failing(*before, PermissionError(errno.EACCES, "not allowed")))


def test_after_the_longest_wait_the_error_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LONGEST_VARIABLE, "0.05")
    with pytest.raises(OSError, match="No space left"):
        with_room(tmp_path, failing(*[NO_SPACE] * 100))
    with pytest.raises(OSError, match="No space left"):
        with_room(tmp_path, failing(NO_SPACE))  # of this process nothing waits again


def test_ctrl_c_ends_the_wait_and_all_that_would_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        with_room(tmp_path, failing(NO_SPACE))
    with pytest.raises(OSError, match="No space left"):
        with_room(tmp_path, failing(NO_SPACE))


def test_a_wait_that_is_no_number_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LONGEST_VARIABLE, "long")
    with pytest.raises(ConfigError, match=f"{LONGEST_VARIABLE}: found 'long'"):
        with_room(tmp_path, failing(NO_SPACE))


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_record_is_in_the_journal_once(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.write("session")
    right, fails = getattr(os, call), [True, True]

    def full(*arguments: object) -> object:
        if fails:
            fails.pop()
            raise NO_SPACE
        return right(*arguments)

    monkeypatch.setattr(os, call, full)
    journal.write("done")
    journal.close()
    assert [record["kind"] for record in read_journal(tmp_path / "journal.jsonl")] == ["session", "done"]
