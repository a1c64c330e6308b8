"""The spool survives its process and refuses damaged lines."""

import logging
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from astraios_ray.errors import TornFile
from astraios_ray.tracking.events import Event
from astraios_ray.tracking.spool import Spool


def event(step: int) -> Event:
    return Event("point", "t0000", 1000 + step, {"point": {"step": step}})


def events_in(spool: Spool) -> list[Event]:
    return [event for _, event in spool.read(0, 1000)[0]]


def test_events_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(event(1))
    spool.append(event(2), durable=True)
    spool.close()
    assert events_in(Spool(tmp_path)) == [event(1), event(2)]


def test_an_event_is_there_for_readers_as_soon_as_it_is_appended(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(event(1))
    assert events_in(spool) == [event(1)]


def test_reading_goes_on_behind_the_last_event(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for step in range(3):
        spool.append(event(step))
    first, offset = spool.read(0, limit=2)
    second, end = spool.read(offset, limit=2)
    assert [event for _, event in first + second] == [event(0), event(1), event(2)]
    assert end == spool.size


def test_an_event_that_a_crash_left_unfinished_is_cut_off(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "events.jsonl").write_bytes(event(1).line() + event(2).line()[:20])
    with caplog.at_level(logging.WARNING):
        spool = Spool(tmp_path)
    spool.append(event(3))
    assert events_in(spool) == [event(1), event(3)]
    assert "cut off 20 bytes" in caplog.text


def test_a_damaged_line_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(event(1).line() + b"{}\n")
    with pytest.raises(TornFile, match=rf"events.jsonl, byte {len(event(1).line())}: expected an event"):
        events_in(Spool(tmp_path))


def test_a_damaged_file_is_renamed_and_a_new_one_begins(tmp_path: Path) -> None:
    damaged = event(1).line() + b"{}\n"
    (tmp_path / "events.jsonl").write_bytes(damaged)
    spool = Spool(tmp_path)
    assert spool.begin_anew().read_bytes() == damaged
    spool.append(event(2))
    assert events_in(Spool(tmp_path)) == [event(2)]


@pytest.mark.parametrize("lost", [b"", None, b"0123\xff\0", b"not a name"])
def test_a_lost_name_is_made_anew(lost: bytes | None, tmp_path: Path) -> None:
    first = Spool(tmp_path).identity()
    assert Spool(tmp_path).identity() == first
    (tmp_path / "identity").unlink()
    if lost is not None:
        (tmp_path / "identity").write_bytes(lost)
    second = Spool(tmp_path).identity()
    assert len(second) == len(first)
    assert second != first
    assert Spool(tmp_path).identity() == second


@pytest.mark.parametrize("place", ["spool", "spool/events.jsonl"])
@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_what_is_no_spool_is_set_aside(
    place: str, kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    if kind == "file":
        path.write_bytes(b"")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere")
    spool = Spool(tmp_path / "spool")
    spool.append(event(1))
    assert events_in(Spool(tmp_path / "spool")) == [event(1)]
    usable = (place, kind) in (("spool", "folder"), ("spool/events.jsonl", "file"))
    assert ("is made anew" in caplog.text) == (not usable)


def test_a_full_disk_leaves_no_half_event(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(event(1))
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (spool.size + 10, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            spool.append(event(2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    spool.append(event(3))
    assert events_in(spool) == [event(1), event(3)]


def test_events_survive_a_process_that_is_killed(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from astraios_ray.tracking.events import Event
from astraios_ray.tracking.spool import Spool
spool = Spool(Path({str(tmp_path)!r}))
for step in range(100):
    spool.append(Event("point", "t0000", step, {{}}))
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -signal.SIGKILL
    assert [event.at for event in events_in(Spool(tmp_path))] == list(range(100))


def test_a_spool_keeps_its_name_and_shares_it_with_no_other(tmp_path: Path) -> None:
    one, other = Spool(tmp_path / "one"), Spool(tmp_path / "other")
    assert one.identity() == Spool(tmp_path / "one").identity() != other.identity()
