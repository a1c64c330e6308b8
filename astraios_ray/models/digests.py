"""Digests of files by their content. The cache stores those of large files, so that each is read once."""

import hashlib
import json
import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from astraios_ray.atomic_file import replace_file
from astraios_ray.cache import cache_folder
from astraios_ray.models.atomic_folder import only_one
from astraios_ray.records.digest import digest

LARGE = 16 << 20  # bytes of a file whose digest is worth storing
SETTLED = 2e9  # nanoseconds after which two changes cannot have the same time

State = list[int]  # a file's size, its mtime and ctime, and its inode


def folder_digest(folder: Path, patterns: Iterable[str]) -> str:
    """64 hexadecimal digits over names and contents of the files of ``folder`` that match a pattern."""
    files = sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})
    names = [str(path.relative_to(folder)) for path in files]
    return digest(dict(zip(names, _file_digests(files), strict=True)))


def _file_digests(files: Sequence[Path]) -> list[str]:
    """The digests of ``files``; in threads where several are large, since a thread takes memory."""
    if sum(path.stat().st_size >= LARGE for path in files) < 2:
        return [file_digest(path) for path in files]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
        return list(threads.map(file_digest, files))


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's content; from the cache for a large file that has not changed.

    Where several processes call at once, one reads the file and the others wait.
    """
    if path.stat().st_size < LARGE:
        return read_digest(path)
    place = cache_folder() / "digests" / f"{hashlib.sha256(os.fsencode(path.resolve())).hexdigest()}.json"
    try:
        with only_one(place):
            return _stored(place, _state(path)) or _read_and_store(path, place)
    except (
        OSError,
        NotImplementedError,
    ):  # the cache cannot be written or locked, or the error is the file's own
        return read_digest(path)


def _stored(place: Path, state: State) -> str | None:
    try:
        record = json.loads(place.read_text())
        return str(record["sha256"]) if record["state"] == state else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _read_and_store(path: Path, place: Path) -> str:
    """The digest of ``path``, stored unless the file changed so recently that its times may hide a change."""
    state = _state(path)
    value = read_digest(path)
    if state == _state(path) and time.time_ns() - max(state[1:3]) > SETTLED:
        replace_file(place, json.dumps({"path": str(path), "state": state, "sha256": value}))
    return value


def _state(path: Path) -> State:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def read_digest(path: Path) -> str:
    """The SHA-256 of a file's content, read now."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
