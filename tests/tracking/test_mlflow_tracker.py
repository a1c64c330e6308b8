"""The MLflow tracker against real stores and servers, the dead and the slow among them."""

import http.server
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError
from astraios_ray.tracking.files import ALL
from astraios_ray.tracking.mlflow_tracker import MlflowTracker
from astraios_ray.tracking.spool import Spool
from tests.tracking import story

RUNS = ["search", "t0000", "t0001", "t0002"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    story.place_database(tmp_path / "run")
    return tmp_path / "run"


def tell(folder: Path, uri: str | None = None) -> MlflowTracker:
    """The whole story, in two sessions."""
    adapter, report = folder / "checkpoint-20", folder / "leaderboard.md"
    adapter.mkdir(parents=True, exist_ok=True)
    (adapter / "adapter_config.json").write_text("{}")
    report.write_text("# lora")
    first = MlflowTracker(folder, uri, linger=0.01)
    story.tell_first_session(first)
    first.close()
    second = MlflowTracker(folder, uri, linger=0.01)
    story.tell_second_session(second, adapter, report)
    second.close()
    return second


def resend(folder: Path, uri: str | None = None) -> MlflowTracker:
    """A session that has nothing to add."""
    tracker = MlflowTracker(folder, uri, linger=0.01)
    tracker.close()
    return tracker


def unused_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_study_is_an_experiment_that_ranks_by_validation_loss(folder: Path) -> None:
    from mlflow import MlflowClient

    tracker = tell(folder)
    experiment = MlflowClient(tracker.uri).get_experiment_by_name("toy")
    assert experiment.tags["mlflow.experiment.primaryMetric.name"] == "val/loss"
    assert experiment.tags["mlflow.experiment.primaryMetric.greaterIsBetter"] == "false"
    assert experiment.artifact_location == (folder / "mlartifacts").as_uri()


def test_everything_sent_again_changes_nothing(folder: Path) -> None:
    """As after a crash at any moment between sending and writing down that it was sent."""
    before = story.read_mlflow(tell(folder).uri)
    for path in (folder / "spool").glob("acknowledged-*.json"):
        path.unlink()
    tracker = resend(folder)
    assert tracker.backlog is not None
    assert tracker.backlog.events == 0
    assert story.read_mlflow(tracker.uri) == before


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


def test_another_store_is_given_the_whole_study(folder: Path, tmp_path: Path) -> None:
    first = story.read_mlflow(tell(folder).uri)
    story.place_database(tmp_path / "other")
    other = f"sqlite:///{tmp_path / 'other' / 'mlflow.db'}"
    assert story.read_mlflow(resend(folder, other).uri) == first


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


@pytest.mark.slow
def test_no_call_waits_for_mlflow_to_be_imported_or_its_database_to_be_made(tmp_path: Path) -> None:
    program = f"""
import sys, time
from pathlib import Path
from astraios_ray.tracking.mlflow_tracker import MlflowTracker
from tests.tracking import story
tracker = MlflowTracker(Path({str(tmp_path)!r}))
assert not {{"mlflow", "sqlalchemy"}} & set(sys.modules)
waits, ends = [], time.monotonic() + 2
tracker.study_started("toy", story.CONFIG, story.PROVENANCE)
tracker.trial_started(story.spec(0), 1)
step = 0
while time.monotonic() < ends:
    step += 1
    begun = time.perf_counter()
    tracker.point(story.spec(0), story.point(step))
    waits.append(time.perf_counter() - begun)
    time.sleep(0.002)
tracker.close(timeout=100)
print(sorted(waits)[int(len(waits) * 0.95)], tracker.backlog.events, step)
print(len(story.read_mlflow(tracker.uri)["t0000"]["metrics"]["val/loss"]))
"""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        cwd=root,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # neither MLflow nor alembic speaks
    slowest, unsent, told, arrived = done.stdout.split()
    assert float(slowest) < 0.05  # seconds
    assert (unsent, arrived) == ("0", told)


def test_the_other_trackers_do_not_import_mlflow() -> None:
    program = """
import sys
import astraios_ray.tracking.tracker, astraios_ray.tracking.files, astraios_ray.tracking.memory
import astraios_ray.tracking.mlflow_tracker
assert "mlflow" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])


@contextmanager
def silent_server() -> Iterator[str]:
    """Accepts connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def broken_server() -> Iterator[str]:
    """Answers 500 to everything."""

    class Broken(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(500)

        do_POST = do_PATCH = do_PUT = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def no_server() -> Iterator[str]:
    """Nobody listens."""
    yield f"http://127.0.0.1:{unused_port()}"


@pytest.mark.parametrize(
    "server", [no_server, silent_server, broken_server], ids=lambda server: server.__name__
)
def test_a_bad_server_delays_no_call_and_the_end_only_a_little(
    server: Callable[[], AbstractContextManager[str]],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    with server() as uri, caplog.at_level(logging.WARNING):
        tracker = MlflowTracker(folder, uri, linger=0.01)
        begun = time.monotonic()
        story.tell_first_session(tracker)
        assert time.monotonic() - begun < 5  # seven calls; one that waited would take MLflow's retries
        begun = time.monotonic()
        tracker.close(timeout=10)
        assert time.monotonic() - begun < 60
    assert tracker.backlog is not None
    assert tracker.backlog.events == 7
    assert f"7 tracking events are not in MLflow at {uri}" in caplog.text
    assert len(caplog.messages[-1].replace(str(folder), "")) < 500
    assert str(folder / "spool" / "events.jsonl") in caplog.text
    assert len(Spool(folder / "spool").read(0, ALL)[0]) == 7


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False


@contextmanager
def mlflow_server(folder: Path, port: int) -> Iterator[str]:
    """A real tracking server on loopback that also keeps the artifacts."""
    story.place_database(folder)
    store = [
        f"--backend-store-uri=sqlite:///{folder / 'mlflow.db'}",
        f"--artifacts-destination={folder / 'kept'}",
    ]
    command = [
        sys.executable,
        "-m",
        "mlflow",
        "server",
        "--host=127.0.0.1",
        f"--port={port}",
        "--workers=1",
        *store,
    ]
    log = folder / "log"
    with log.open("w") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder, start_new_session=True)
    try:
        until = time.monotonic() + 300
        while not answers(f"http://127.0.0.1:{port}/health"):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # its own session: the server and its workers
        server.wait(30)


@pytest.mark.slow
def test_a_server_that_comes_late_is_given_everything_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    port, run = unused_port(), tmp_path / "run"
    late = tell(run, f"http://127.0.0.1:{port}")
    assert late.backlog is not None
    assert late.backlog.events > 0
    with mlflow_server(tmp_path / "server", port) as uri:
        first = resend(run, uri)
        assert first.backlog is not None
        assert first.backlog.events == 0
        told = story.read_mlflow(uri)
        for path in (run / "spool").glob("acknowledged-*.json"):
            path.unlink()
        resend(run, uri)
        assert story.read_mlflow(uri) == told
    assert capfd.readouterr() == ("", "")  # MLflow is quiet
    assert {name: told[name]["status"] for name in RUNS} == dict(
        zip(RUNS, ["FINISHED", "FINISHED", "KILLED", "FAILED"], strict=True)
    )
    assert told["t0000"]["metrics"]["val/loss"] == [(10, "2.9"), (20, "2.8"), (30, "2.7")]
    assert told["t0000"]["artifacts"] == [
        "adapter/adapter_config.json",
        "eval/primer/score.json",
        "spec.json",
    ]


@pytest.mark.slow
def test_a_search_that_is_killed_while_it_sends_ends_with_each_event_once(folder: Path) -> None:
    program = f"""
import sys, time
from pathlib import Path
from astraios_ray.tracking.mlflow_tracker import MlflowTracker
from tests.tracking import story
tracker = MlflowTracker(Path({str(folder)!r}), linger=0.0)
tracker.study_started("toy", story.CONFIG, story.PROVENANCE)
for step in range(1, 100000):
    for number in range(3):
        if step == 1:
            tracker.trial_started(story.spec(number), 1)
        tracker.point(story.spec(number), story.point(step))
    time.sleep(0.002)
"""
    root = Path(__file__).parents[2]
    for _ in range(2):
        offset = acknowledged(folder)
        child = subprocess.Popen([sys.executable, "-c", program], cwd=root)
        ends = time.monotonic() + 60
        while acknowledged(folder) <= offset and time.monotonic() < ends:
            time.sleep(0.01)
        time.sleep(0.3)
        child.kill()
        child.wait()
        assert acknowledged(folder) > offset
    read = story.read_mlflow(resend(folder).uri)
    spooled = story.read_events(event for _, event in Spool(folder / "spool").read(0, ALL)[0])
    assert sorted(read) == ["search", "t0000", "t0001", "t0002"]
    for trial in ("t0000", "t0001", "t0002"):
        assert read[trial]["metrics"] == spooled[trial]["metrics"]
        steps = [step for step, _ in read[trial]["metrics"]["val/loss"]]
        assert steps == list(range(1, len(steps) + 1))


def acknowledged(folder: Path) -> int:
    """Bytes of the spool that were written down as sent."""
    paths = list((folder / "spool").glob("acknowledged-*.json"))
    return int(json.loads(paths[0].read_text())["offset"]) if paths else 0


@pytest.mark.parametrize("uri", ["mlruns", "./mlruns", "file:///tmp/mlruns", "ftp://host", "sqlite"])
def test_an_address_that_mlflow_cannot_use_is_refused_at_once(tmp_path: Path, uri: str) -> None:
    with pytest.raises(ConfigError, match=r"expected an address that begins with one of http"):
        MlflowTracker(tmp_path, uri)


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    tracker = MlflowTracker(tmp_path, "postgresql+psycopg2://me:secret@host/db")
    assert tracker.uri == "postgresql+psycopg2://me:***@host/db"


def test_without_an_address_the_store_is_in_the_run_folder(tmp_path: Path) -> None:
    assert MlflowTracker(tmp_path / "run").uri == f"sqlite:///{tmp_path / 'run' / 'mlflow.db'}"
