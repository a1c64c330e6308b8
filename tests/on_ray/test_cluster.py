"""Where a session of Ray keeps its files, that it leaves none, and its message when it cannot start."""

import logging
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import ray
from ray.dashboard.subprocesses.module import SubprocessModule
from ray.dashboard.subprocesses.utils import get_socket_path
from ray.dashboard.utils import get_all_modules

from astraios_ray.errors import ConfigError, RayUnavailable
from astraios_ray.on_ray import cluster
from tests.fakes.short_folder import short_folder


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with short_folder() as short:
        monkeypatch.setattr(tempfile, "tempdir", str(short))
        yield short


@pytest.fixture
def long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return str(tmp_path)


def test_a_folder_of_our_own_is_removed_in_the_end(place: Path) -> None:
    folder = Path(cluster._temp_dir()).parent
    assert folder.parent == place
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    cluster.stop()
    assert not folder.exists()


def test_the_folder_of_a_killed_search_is_removed_by_the_next(place: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as killed:
        killed.wait()
    stale, living, foreign = (
        place / name
        for name in (f"astraios-{killed.pid}-old", f"astraios-{os.getppid()}-other", "astraios-notes")
    )
    for folder in (stale, living, foreign):
        folder.mkdir()
    new = Path(cluster._temp_dir()).parent
    assert sorted(place.iterdir()) == sorted([living, foreign, new])
    cluster.stop()


def test_a_folder_too_long_for_sockets_is_left_for_a_shorter_one_of_our_own(
    long: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        temp_dir = cluster._temp_dir()
    folder = Path(temp_dir).parent
    assert not temp_dir.startswith(long)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert f"{long} is too long for Ray's sockets" in caplog.text
    assert f"Ray keeps its files in {folder}" in caplog.text
    cluster.stop()
    assert not folder.exists()


def test_ray_has_no_socket_with_a_longer_name() -> None:
    modules = get_all_modules(SubprocessModule)
    longest = max((get_socket_path("", module.__name__) for module in modules), key=len)
    assert len(longest) <= len(cluster.SOCKET.rpartition("/")[2])


def test_where_no_shorter_folder_can_be_written_the_mistake_is_named(
    long: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(place: Path) -> Path:
        raise PermissionError(place)

    monkeypatch.setattr(cluster, "_private_folder", refuse)
    with pytest.raises(ConfigError, match=r"^TMPDIR: .*Set TMPDIR to such a folder\.$"):
        cluster._temp_dir()


@pytest.mark.parametrize("address", [None, "127.0.0.1:1"])
def test_whatever_ray_raises_at_its_start_is_one_sentence_with_a_hint(
    address: str | None, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**settings: object) -> None:
        raise RuntimeError("The raylet\ndid not start.")

    monkeypatch.setattr(ray, "init", broken)
    with pytest.raises(RayUnavailable) as raised:
        cluster.start(address, cpus=1, sandboxes=1)
    cluster.stop()
    hint = f"ray status --address {address}" if address else "`backend` local"
    assert "RuntimeError: The raylet did not start." in str(raised.value)
    assert str(raised.value).endswith(hint)
