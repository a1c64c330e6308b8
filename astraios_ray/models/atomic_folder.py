"""Folders that are complete or absent: filled as a draft next to their place, then renamed."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from filelock import FileLock, Timeout


@contextmanager
def only_one(place: Path, waits: Callable[[], None] | None = None) -> Iterator[None]:
    """Inside, no other process of this machine is inside for the same ``place``. Creates its parents.

    ``waits`` is called where another process is inside. One that is killed leaves the lock free.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{place}.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        if waits:
            waits()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def filled_draft(place: Path) -> Iterator[Path]:
    """A folder to fill; at the end its files are flushed and it is renamed to ``place``.

    When the body raises, the folder is removed and ``place`` does not exist.
    """
    draft = Path(mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        yield draft
        flush(*draft.iterdir())
        draft.chmod(0o755)  # mkdtemp makes it 0700
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def flush(*paths: Path) -> None:
    """Return when the content of files, and the names in folders, are on the disk."""
    for path in paths:
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
