"""An address where no Ray cluster answers is refused within seconds, with what was found there."""

import socket
from collections.abc import Iterator
from http.server import HTTPServer, SimpleHTTPRequestHandler
from threading import Thread
from time import monotonic

import pytest

from astraios_ray.errors import ConfigError, RayUnavailable
from astraios_ray.on_ray import cluster
from astraios_ray.on_ray.cluster_address import check_address

LONGEST = 10.0  # seconds; Ray itself tries for 15 minutes


@pytest.fixture
def closed() -> str:
    """The address of a port of this machine at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a port that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def web_server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("kind", ["closed", "silent", "web_server"])
def test_where_no_ray_answers_the_error_comes_in_seconds_and_says_what_was_found(
    kind: str, request: pytest.FixtureRequest
) -> None:
    address, started = str(request.getfixturevalue(kind)), monotonic()
    with pytest.raises(RayUnavailable) as raised:
        check_address(address)
    assert monotonic() - started < LONGEST
    reason = "nothing answers there (Connection refused)" if kind == "closed" else "no Ray"
    assert f"joined at {address}: " in str(raised.value) and reason in str(raised.value)
    assert "Give HOST:PORT" in str(raised.value)


@pytest.mark.parametrize("address", ["ray://127.0.0.1:10001", "http://127.0.0.1:8265", "127.0.0.1", ":6379"])
def test_an_address_of_another_kind_is_refused_with_the_right_kind(address: str) -> None:
    with pytest.raises(ConfigError, match=rf"^`address`: found '{address}'; right is HOST:PORT"):
        check_address(address)


def test_auto_says_which_address_it_means(closed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", closed)
    with pytest.raises(RayUnavailable, match=rf"joined at auto \(auto means {closed}\): nothing answers"):
        check_address("auto")


def test_auto_where_no_cluster_runs_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> str:
        raise ConnectionError("Could not find any running Ray instance.")

    monkeypatch.setattr("ray._private.services.get_ray_address_from_environment", none)
    with pytest.raises(RayUnavailable, match="joined at auto: this machine runs no Ray"):
        check_address("auto")


@pytest.mark.ray
def test_a_cluster_that_runs_is_joined() -> None:
    try:
        address = cluster.start(None, cpus=1, sandboxes=1)["gcs_address"]
        check_address(address)
    finally:
        cluster.stop()
