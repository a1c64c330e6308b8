"""The sender sends the spool to a server, also when the server fails."""

import threading
import time
from pathlib import Path

import pytest

from astraios_ray.tracking.files_tracker import FilesTracker
from astraios_ray.tracking.sender import Refused, Sender
from astraios_ray.tracking.spool import Spool
from astraios_ray.tracking.updates import Update
from tests.tracking import story


class Server:
    """A Destination in memory that records updates and fails on request."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int]] = []  # trial, number of metrics
        self.fail = 0  # how many of the next sends break down
        self.refuse = ""  # a metric that it will never take
        self.stuck = threading.Event()
        self.stuck.set()
        self.forgot = False
        self.tidied = False

    def knows(self, runs: dict[str, str]) -> bool:
        return not self.forgot

    def send(self, trial: str, update: Update, runs: dict[str, str]) -> None:
        self.stuck.wait(60)
        if self.fail:
            self.fail -= 1
            raise ConnectionError("no route")
        if self.refuse and any(measure.key == self.refuse for measure in update.metrics):
            raise Refused("bad name")
        runs[trial] = f"run of {trial}"
        self.sent.append((trial, len(update.metrics)))

    def tidy(self, runs: dict[str, str]) -> None:
        self.tidied = True


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    tracker = FilesTracker(tmp_path)
    story.tell_first_session(tracker)
    tracker.close()
    return Spool(tmp_path / "spool")


def sender(spool: Spool, server: Server) -> Sender:
    return Sender(spool, spool.folder / "acknowledged.json", server, linger=0.0)


def test_everything_is_sent_the_search_first_and_each_run_in_one_piece(spool: Spool) -> None:
    server = Server()
    assert sender(spool, server).drain(60).events == 0
    assert server.sent == [("", 0), ("t0000", 5), ("t0001", 6)]


def test_a_later_session_sends_only_what_is_new(spool: Spool) -> None:
    sender(spool, Server()).drain(60)
    tracker = FilesTracker(spool.folder.parent)
    tracker.point(story.spec(0), story.point(30))
    tracker.close()
    server = Server()
    sender(Spool(spool.folder), server).drain(60)
    assert server.sent == [("t0000", 2)]


def test_a_spool_that_lost_events_is_sent_from_its_beginning(
    spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    sender(spool, Server()).drain(60)
    lines = spool.path.read_bytes().splitlines(keepends=True)
    spool.path.write_bytes(b"".join(lines[:-1]))
    server = Server()
    assert sender(Spool(spool.folder), server).drain(60).events == 0
    assert [trial for trial, _ in server.sent] == ["", "t0000", "t0001"]
    assert "events.jsonl is shorter than what the server has of it" in caplog.text


def test_a_server_that_breaks_down_gets_everything_later(spool: Spool) -> None:
    server = Server()
    server.fail = 2
    patient = sender(spool, server)
    patient.wake()
    deadline = time.monotonic() + 60
    while not server.sent and time.monotonic() < deadline:
        time.sleep(0.01)
    assert patient.drain(60).events == 0
    assert [trial for trial, _ in server.sent] == ["", "t0000", "t0001"]


def test_a_server_that_stays_down_is_given_up_when_the_study_ends(spool: Spool) -> None:
    server = Server()
    server.fail = 1000
    backlog = sender(spool, server).drain(timeout=30)
    assert backlog.events == 7
    assert backlog.trouble == "ConnectionError: no route"


def test_a_server_that_never_answers_holds_nobody_up(spool: Spool) -> None:
    server = Server()
    server.stuck.clear()
    started = time.monotonic()
    backlog = sender(spool, server).drain(timeout=0.3)
    assert time.monotonic() - started < 30
    assert backlog.events == 7
    server.stuck.set()


def test_what_a_server_refuses_is_named_and_the_rest_goes_on(spool: Spool) -> None:
    server = Server()
    server.refuse = "val/loss"
    backlog = sender(spool, server).drain(60)
    assert backlog.events == 0
    assert [line.split(": ", 1)[1] for line in backlog.refused] == ["point t0000: bad name"] * 2 + [
        "point t0001: bad name"
    ]
    assert ("t0001", 3) in server.sent  # its ending


def test_a_server_that_lost_the_study_is_told_it_again(spool: Spool) -> None:
    sender(spool, Server()).drain(60)
    tracker = FilesTracker(spool.folder.parent)
    tracker.point(story.spec(0), story.point(30))
    tracker.close()
    server = Server()
    server.forgot = True
    sender(Spool(spool.folder), server).drain(60)
    assert [trial for trial, _ in server.sent] == ["", "t0000", "t0001"]


def test_runs_are_tidied_when_the_study_ends(spool: Spool) -> None:
    server = Server()
    sender(spool, server).drain(60)
    assert not server.tidied
    tracker = FilesTracker(spool.folder.parent)
    tracker.study_ended("", [], complete=True)
    tracker.close()
    sender(Spool(spool.folder), server).drain(60)
    assert server.tidied


def test_nothing_to_send_starts_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    assert sender(Spool(tmp_path), Server()).drain(60).events == 0
    assert threading.active_count() == before
