"""The journal of a study: an append-only file of checked records, from which everything else is rebuilt.

One JSON object a line, each with the CRC-32 of its content, flushed to the disk before ``write`` returns. A
last line without its newline was never acknowledged and is dropped; any other damage is a refusal.
"""

import json
import logging
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from astraios_ray.errors import TornFile
from astraios_ray.records.old_names import WORDS, with_new_names, with_repeat_of
from astraios_ray.tracking.spool import append_whole

LOG = logging.getLogger(__name__)
READ_AS = ", ".join(f"{old} is read as {new}" for old, new in WORDS.items())
FORMAT = 2  # of a session's records: 1 had other names
BASE = "base"  # the untuned model, where records name a trial


class Journal:
    """Writes and reads one journal file. One writer at a time; the caller holds the run folder's lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        _drop_torn_tail(path)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, kind: str, **content: Any) -> None:
        """Append one record and return when it is on the disk.

        Raises OSError, and leaves the file as it was, when the disk is full.
        """
        body = json.dumps({"kind": kind, **content}, sort_keys=True)
        try:
            append_whole(self._file, f"{zlib.crc32(body.encode()):08x} {body}\n".encode())
            os.fsync(self._file)
        except OSError as error:
            error.filename = str(self.path)
            raise

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


def _checked_records(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
        crc, _, body = line.partition(b" ")
        if crc != f"{zlib.crc32(body):08x}".encode():
            raise TornFile(
                f"{path}:{number}: the record does not match its checksum. Restore the file from a copy, "
                "or start anew with `fresh`, which keeps the old folder aside.",
                arguments=["fresh"],
            )
        record = json.loads(body)
        if not isinstance(record, dict) or "kind" not in record:
            raise TornFile(f"{path}:{number}: expected a record with a kind, found {body[:80]!r}.")
        yield record


def _drop_torn_tail(path: Path) -> None:
    """Cut a last line that has no newline: its write was never acknowledged."""
    if not path.exists():
        return
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        LOG.warning("%s: dropped an unfinished last record of %d bytes.", path, len(content) - whole)
        with path.open("r+b") as file:
            file.truncate(whole)
