"""Folders that are either whole or not there: filled beside their place, then renamed to it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from filelock import FileLock


@contextmanager
def only_one(place: Path) -> Iterator[None]:
    """Inside, no other process of this machine is inside for the same ``place``. Its parents are made."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{place}.lock"):
        yield


@contextmanager
def filled_aside(place: Path) -> Iterator[Path]:
    """A folder to fill; at the end its files are on the disk and it is ``place``.

    When the inside raises, the folder is removed and ``place`` is not there.
    """
    aside = Path(mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        yield aside
        for path in aside.iterdir():
            _flush(path)
        aside.chmod(0o755)  # mkdtemp's is 0700
        aside.rename(place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
