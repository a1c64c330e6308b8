"""The journal of a study: an append-only file of checked records, from which everything else is rebuilt.

One JSON object a line, flushed to the disk before ``write`` returns. A line begins with the CRC-32 of its
content, computed on from the CRC-32 of the line before, and holds its own number: so a missing, doubled or
swapped line is as visible as a changed one. A last line without its newline was never acknowledged and is
dropped; any other damage is a refusal.
"""

import json
import logging
import os
import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from astraios_ray.disk_room import with_room
from astraios_ray.errors import TornFile
from astraios_ray.records.old_names import WORDS, with_new_names, with_repeat_of
from astraios_ray.tracking.spool import append_whole

LOG = logging.getLogger(__name__)
READ_AS = ", ".join(f"{old} is read as {new}" for old, new in WORDS.items())
FORMAT = 2  # of a session's records: 1 had other names
BASE = "base"  # the untuned model, where records name a trial
LINE = "line"  # the number of a record in its file
WAY_ON = "Restore the file from a copy, or start anew with `fresh`, which keeps the old folder aside."


class Journal:
    """Writes and reads one journal file. One writer at a time; the caller holds the run folder's lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines, self._crc = _drop_torn_tail(path)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, kind: str, **content: Any) -> None:
        """Append one record and return when it is on the disk.

        While the disk is full, it waits (``disk_room``). Raises OSError, and leaves the file as it was, when
        nothing can be written.
        """
        body = json.dumps({"kind": kind, LINE: self._lines + 1, **content}, sort_keys=True).encode()
        crc = zlib.crc32(body, self._crc)
        try:
            with_room(self.path, partial(append_whole, self._file, b"%08x %s\n" % (crc, body), durable=True))
        except OSError as error:
            error.filename = str(self.path)
            raise
        self._lines, self._crc = self._lines + 1, crc

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def read_journal(path: Path) -> Iterator[dict[str, Any]]:
    """The records of ``path`` in order; nothing when there is no such file. TornFile names a damaged line.

    Records of version 0.1, whose sessions name no format, have the names of today.
    """
    is_old = False
    for record in _checked_records(path):
        if record["kind"] == "session" and "format" not in record and not is_old:
            is_old = True
            LOG.warning("%s is of version 0.1: %s.", path, READ_AS)
        elif record["kind"] == "session":
            is_old = "format" not in record
        record = with_new_names(record) if is_old else record
        if record["kind"] == "repeats":
            record["specs"] = [with_repeat_of(spec) for spec in record["specs"]]
        yield record


def last_session(path: Path) -> dict[str, Any]:
    """The record of the last session, as it was written; empty where there is none. Raises TornFile."""
    sessions = (record for record in _checked_records(path) if record["kind"] == "session")
    return next(iter(deque(sessions, maxlen=1)), {})


def _checked_records(path: Path) -> Iterator[dict[str, Any]]:
    """The records without their numbers. Those of older versions have none, and come before all others."""
    if not path.exists():
        return
    crc, is_chained = 0, False
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
        crc_of_line, _, body = line.partition(b" ")
        record = _parsed(body)
        is_chained = is_chained or LINE in record
        crc = zlib.crc32(body, crc if is_chained else 0)
        if crc_of_line != b"%08x" % crc:
            raise TornFile(f"{path}:{number}: {_damage(record, number)} {WAY_ON}", arguments=["fresh"])
        if "kind" not in record:
            raise TornFile(f"{path}:{number}: expected a record with a kind, found {body[:80]!r}.")
        record.pop(LINE, None)
        yield record


def _parsed(body: bytes) -> dict[str, Any]:
    """The record of a line; nothing when it is none."""
    try:
        record = json.loads(body)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _damage(record: Mapping[str, Any], number: int) -> str:
    """What is wrong with a line whose checksum does not fit."""
    number_in_record = record.get(LINE, number)
    if number_in_record == number:
        return "the record does not match its checksum, which covers the record before it too."
    return (
        f"expected record {number}, found record {number_in_record}: records are missing, doubled or swapped."
    )


def _drop_torn_tail(path: Path) -> tuple[int, int]:
    """Cut a last line that has no newline: its write was never acknowledged.

    Returns how many lines remain and the checksum of the last one.
    """
    if not path.exists():
        return 0, 0
    content = path.read_bytes()
    end = content.rfind(b"\n") + 1
    if end < len(content):
        LOG.warning("%s: dropped an unfinished last record of %d bytes.", path, len(content) - end)
        with path.open("r+b") as file:
            file.truncate(end)
    last = content[content.rfind(b"\n", 0, max(end - 1, 0)) + 1 : end]
    return content.count(b"\n"), int(last[:8] or b"0", 16)
