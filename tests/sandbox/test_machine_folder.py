"""What is made once on a machine is where a jail can see it."""

import os
from pathlib import Path

import pytest

from astraios_ray.cache import cache_folder
from astraios_ray.errors import SandboxUnavailable
from astraios_ray.sandbox import machine_folder


@pytest.mark.parametrize("cache", ["/tmp/somewhere/cache", "/tmp"])
def test_a_cache_below_tmp_is_not_used(cache: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRAIOS_RAY_CACHE", cache)
    assert not machine_folder._folder().is_relative_to("/tmp")


def test_a_cache_elsewhere_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRAIOS_RAY_CACHE", "/dev/shm/astraios-ray-test")
    try:
        assert machine_folder._folder() == Path("/dev/shm/astraios-ray-test")
    finally:
        Path("/dev/shm/astraios-ray-test").rmdir()


def test_a_cache_in_the_home_folder_is_read_as_everywhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/dev/shm")
    monkeypatch.setenv("ASTRAIOS_RAY_CACHE", "~/astraios-ray-test")
    try:
        assert machine_folder._folder() == cache_folder() == Path("/dev/shm/astraios-ray-test")
    finally:
        Path("/dev/shm/astraios-ray-test").rmdir()


def test_a_user_who_has_no_other_folder_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("ASTRAIOS_RAY_CACHE", "/tmp/cache")
    monkeypatch.setattr(machine_folder, "user_cache_folder", lambda: Path("/tmp/home/astraios-ray"))
    with pytest.raises(SandboxUnavailable, match="/tmp/cache: a jail has a /tmp of its own"):
        machine_folder._folder()
