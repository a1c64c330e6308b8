"""Digests of files depend on content alone, and large files are read once."""

import os
from pathlib import Path

import pytest

from astraios_ray.models import digests
from astraios_ray.models.digests import file_digest, folder_digest
from tests.fakes.rewriting import copy_again, flip_a_bit


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test alone, where files count as large from 100 bytes and as settled at once."""
    monkeypatch.setenv("ASTRAIOS_RAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(digests, "LARGE", 100)
    monkeypatch.setattr(digests, "SETTLED", -1)
    return tmp_path / "cache"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are read, in their order."""
    paths, reading = list[Path](), digests.read_digest

    def noted(path: Path) -> str:
        paths.append(path)
        return reading(path)

    monkeypatch.setattr(digests, "read_digest", noted)
    return paths


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two large weights files and a note."""
    place = tmp_path / "model"
    place.mkdir()
    for name in ("a", "b"):
        (place / f"{name}.safetensors").write_bytes(name.encode() * 1000)
    (place / "README.md").write_text("a note")
    return place


def weights(folder: Path) -> str:
    return folder_digest(folder, ["*.safetensors"])


def test_the_same_content_has_the_same_digest_wherever_and_whenever_it_was_written(folder: Path) -> None:
    original = weights(folder)
    copy_again(folder)
    os.utime(folder / "a.safetensors", (1, 1))
    assert weights(folder) == original
    renamed = folder.rename(folder.with_name("moved"))
    assert weights(renamed) == original


def test_a_bit_between_a_files_ends_makes_another_digest(folder: Path) -> None:
    original = weights(folder)
    flip_a_bit(folder / "b.safetensors")
    assert weights(folder) != original


def test_a_change_shows_although_size_and_time_of_writing_are_the_old_ones(folder: Path) -> None:
    file = folder / "b.safetensors"
    original, stat = weights(folder), file.stat()
    flip_a_bit(file)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file.stat().st_mtime_ns == stat.st_mtime_ns
    assert weights(folder) != original


def test_names_count_and_files_that_match_no_pattern_do_not(folder: Path) -> None:
    original = weights(folder)
    (folder / "README.md").write_text("another note")
    assert weights(folder) == original
    (folder / "b.safetensors").rename(folder / "c.safetensors")
    assert weights(folder) != original


def test_a_large_file_is_read_once(folder: Path, read: list[Path]) -> None:
    assert weights(folder) == weights(folder)
    assert sorted(path.name for path in read) == ["a.safetensors", "b.safetensors"]


def test_a_small_file_is_read_every_time_and_leaves_nothing_in_the_cache(
    folder: Path, read: list[Path], cache: Path
) -> None:
    assert file_digest(folder / "README.md") == file_digest(folder / "README.md")
    assert len(read) == 2
    assert not cache.exists()


def test_of_a_file_that_was_just_written_nothing_is_kept(
    folder: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "SETTLED", 60e9)
    assert weights(folder) == weights(folder)
    assert len(read) == 4


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"state": 1}'])
def test_a_damaged_entry_of_the_cache_is_made_anew(folder: Path, cache: Path, damage: str) -> None:
    original = weights(folder)
    entries = list((cache / "digests").glob("*.json"))
    assert len(entries) == 2
    for entry in entries:
        entry.write_text(damage)
    assert weights(folder) == original


def test_without_a_cache_that_can_be_written_files_are_read(folder: Path, cache: Path) -> None:
    original = weights(folder)
    (cache / "digests").rename(cache / "elsewhere")
    (cache / "digests").write_text("a file where the folder would be")
    assert weights(folder) == original


def test_a_file_that_is_not_there_is_an_error_and_no_digest(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        file_digest(tmp_path / "none")
