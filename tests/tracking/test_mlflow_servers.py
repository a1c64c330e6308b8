"""The MLflow tracker with servers that are down, silent or broken, and with a real one that starts late."""

import http.server
import logging
import os
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

from astraios_ray.records import encode
from astraios_ray.tracking.events import SEARCH, Event
from astraios_ray.tracking.files_tracker import ALL
from astraios_ray.tracking.mlflow_tracker import MlflowTracker, _Store
from astraios_ray.tracking.sender import Refused
from astraios_ray.tracking.spool import Spool
from astraios_ray.tracking.translation import update_of
from tests.tracking import story
from tests.tracking.sessions import RUNS, forget, resend, tell

STARTED = Event(
    "study_started",
    SEARCH,
    1000,
    {"name": "toy", "config": {"search": {"seed": 0}}, "provenance": encode(story.PROVENANCE)},
)


def unused_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def silent_server() -> Iterator[str]:
    """Accepts connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def proxy(status: int, kind: str, body: str) -> Iterator[str]:
    """Answers everything with the same."""

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_PATCH = do_PUT = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing, unlike the base class."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def broken_server() -> AbstractContextManager[str]:
    """Answers 500 to everything."""
    return proxy(500, "text/html", "<h1>Internal Server Error</h1>")


@contextmanager
def no_server() -> Iterator[str]:
    """An address at which no server listens."""
    yield f"http://127.0.0.1:{unused_port()}"


@pytest.mark.parametrize(
    "server", [no_server, silent_server, broken_server], ids=lambda server: server.__name__
)
def test_a_bad_server_delays_no_call_and_the_end_only_a_little(
    server: Callable[[], AbstractContextManager[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    story.place_database(tmp_path / "unused")  # MLflow is imported before anything is measured
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")  # seconds, as long as a call that waited
    with server() as uri, caplog.at_level(logging.WARNING):
        start = time.monotonic()
        tracker = MlflowTracker(tmp_path, uri, linger=0.01)
        story.tell_first_session(tracker)
        tracker.close(timeout=2)
        assert time.monotonic() - start < 30
    assert tracker.backlog is not None
    assert tracker.backlog.events == 7
    assert f"7 tracking events are not in MLflow at {uri}" in caplog.text
    assert len(caplog.messages[-1].replace(str(tmp_path), "")) < 500
    assert str(tmp_path / "spool" / "events.jsonl") in caplog.text
    assert len(Spool(tmp_path / "spool").read(0, ALL)[0]) == 7


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (404, "text/html", "<h1>Not Found</h1>"),
        (404, "application/json", '{"detail": "Not Found"}'),
        (400, "text/html", "<h1>Bad Request</h1>"),
        (413, "text/html", "<h1>Request Entity Too Large</h1>"),
        (200, "text/html", "<h1>Sign in</h1>"),
        (200, "text/plain", ""),
        (200, "application/json", "{}"),
    ],
)
@pytest.mark.parametrize("runs", [{}, {"": "1", "t0000": "2"}], ids=["at the start", "later"])
def test_what_answers_in_place_of_mlflow_neither_takes_nor_refuses_an_event(
    status: int, kind: str, body: str, runs: dict[str, str], tmp_path: Path
) -> None:
    with proxy(status, kind, body) as uri:
        store = _Store(uri, tmp_path, "search")
        with pytest.raises(Exception) as error:
            store.send("t0000" if runs else "", update_of(STARTED), dict(runs))
    assert not isinstance(error.value, Refused)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False


@contextmanager
def mlflow_server(folder: Path, port: int) -> Iterator[str]:
    """A real tracking server on loopback that also keeps the artifacts.

    This is the process that ``mlflow server`` starts, without its other processes, which each import MLflow.
    """
    story.place_database(folder)
    settings = {
        "_MLFLOW_SERVER_FILE_STORE": f"sqlite:///{folder / 'mlflow.db'}",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(folder / "kept"),
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
    }
    app = ["mlflow.server.fastapi_app:app", "--host=127.0.0.1", f"--port={port}"]
    log = folder / "log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", *app],
            stdout=out,
            stderr=out,
            cwd=folder,
            env={**os.environ, **settings},
        )
    try:
        until = time.monotonic() + 300
        while not answers(f"http://127.0.0.1:{port}/health"):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


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
        stories = story.read_mlflow(uri)
        forget(run)
        resend(run, uri)
        assert story.read_mlflow(uri) == stories
    assert capfd.readouterr() == ("", "")  # MLflow is quiet
    assert {name: stories[name]["status"] for name in RUNS} == dict(
        zip(RUNS, ["FINISHED", "FINISHED", "KILLED", "FAILED"], strict=True)
    )
    assert stories["t0000"]["metrics"]["val/loss"] == [(10, "2.9"), (20, "2.8"), (30, "2.7")]
    assert stories["t0000"]["artifacts"] == [
        "adapter/adapter_config.json",
        "eval/primer/score.json",
        "spec.json",
    ]
