"""The spool: an append-only file of events that survives the end of its process."""

import logging
import os
import re
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from astraios_ray.atomic_file import replace_file
from astraios_ray.disk_room import with_room
from astraios_ray.errors import TornFile
from astraios_ray.tracking.damaged_files import damaged_name, set_aside_unless
from astraios_ray.tracking.events import Event

log = logging.getLogger(__name__)

IDENTITY = re.compile(r"[0-9a-f]{32}")


class Spool:
    """Events as lines of JSON in ``folder/events.jsonl``. One process writes; its threads may read.

    When ``append`` returns, the event is in the file and survives the end of the process. It survives a loss
    of power shortly after a ``durable`` append: fsync runs in another thread, so that no caller waits for a
    slow disk. The next start removes a last line that a crash left incomplete.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.path = self.folder / "events.jsonl"
        set_aside_unless(folder.is_dir(), folder)
        folder.mkdir(parents=True, exist_ok=True)
        set_aside_unless(self.path.is_file(), self.path)
        self._file = _open(self.path)
        self._lock = threading.Lock()
        self._closed = False
        self._syncing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool-fsync")
        self.size = _cut_unfinished_line(self._file, self.path)  # bytes

    def append(self, event: Event, durable: bool = False) -> None:
        """Write one event. While the disk is full, it waits (``disk_room``).

        Raises OSError, and leaves the file as it was, when nothing can be written.
        """
        line = event.line()
        with self._lock:
            with_room(self.path, partial(append_whole, self._file, line))
            self.size += len(line)
        if durable:
            self._syncing.submit(os.fsync, self._file)

    def read(self, offset: int, limit: int) -> tuple[list[tuple[int, Event]], int]:
        """Up to ``limit`` events from byte ``offset`` on, each with its offset, and the offset of the next.

        Raises TornFile when a complete line is no event.
        """
        events: list[tuple[int, Event]] = []
        with self.path.open("rb") as file:
            file.seek(offset)
            while len(events) < limit and (line := file.readline()).endswith(b"\n"):
                try:
                    events.append((offset, Event.parse(line)))
                except ValueError as error:
                    where = f"{self.path}, byte {offset}"
                    raise TornFile(f"{where}: expected an event as JSON, found {line[:80]!r}") from error
                offset += len(line)
        return events, offset

    def begin_anew(self) -> Path:
        """Rename the file of events and begin an empty one. Returns the new name."""
        new_name = damaged_name(self.path)
        os.close(self._file)
        self.path.rename(new_name)
        self._file, self.size = _open(self.path), 0
        return new_name

    def identity(self) -> str:
        """A unique name of this spool, the same in every session while its file is whole."""
        path = self.folder / "identity"
        identity = path.read_text(errors="replace") if path.exists() else ""
        if not IDENTITY.fullmatch(identity):
            identity = uuid.uuid4().hex
            replace_file(path, identity)
        return identity

    def close(self) -> None:
        """Wait until the events are on the disk. ``read`` still works; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._syncing.submit(os.fsync, self._file)
        self._syncing.shutdown(wait=True)
        os.close(self._file)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def append_whole(file: int, content: bytes, *, durable: bool = False) -> None:
    """Append all of ``content``, in several writes if needed; ``durable``: return when it is on the disk.

    After an OSError the file is unchanged.
    """
    size, rest = os.fstat(file).st_size, memoryview(content)
    try:
        while rest:
            rest = rest[os.write(file, rest) :]
        if durable:
            os.fsync(file)
    except OSError:
        os.ftruncate(file, size)
        raise


def _cut_unfinished_line(file: int, path: Path) -> int:
    size = os.fstat(file).st_size
    end = size
    while end and os.pread(file, 1, end - 1) != b"\n":
        end -= 1
    if end < size:
        log.warning("%s: cut off %d bytes of an event that was not finished", path, size - end)
        os.ftruncate(file, end)
    return end
