"""Reads instruction rows from the source that a study names."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from astraios_ray.data.hub import HUB_ID, hub_records
from astraios_ray.data.row_files import FORMATS, file_records
from astraios_ray.data.rows import BadRow, Row, make_row
from astraios_ray.embedded.primer_rows import primer_rows
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.records import DataRef

BUILTIN = {"primer": primer_rows}
BAD_ROWS_SHOWN = 20  # in one message


def read_rows(ref: DataRef, source: str | None = None) -> list[Row]:
    """The rows of ``source`` (default: ``ref.train``), at most ``ref.limit``, in their order.

    A source is ``builtin:<name>``, a .jsonl, .jsonl.gz or .parquet file, or a hub id. Raises DataError that
    lists the unusable rows, ConfigError when there is no such source.
    """
    source = source or ref.train
    rows, bad = [], []
    for place, record in islice(_records(source, ref), ref.limit):
        row = record if isinstance(record, BadRow) else make_row(record, place, ref)
        if isinstance(row, BadRow):
            bad.append(row)
        else:
            rows.append(row)
    if bad:
        raise DataError(_listed(bad, len(rows)))
    if not rows:
        raise DataError(f"{source}: has no rows, expected at least one.")
    return rows


def _records(source: str, ref: DataRef) -> Iterator[tuple[str, object]]:
    if source.startswith("builtin:"):
        return _builtin_records(source)
    if not source.endswith(FORMATS) and not Path(source).exists() and HUB_ID.fullmatch(source):
        return hub_records(source, ref.revision)
    return file_records(Path(source).expanduser())


def _builtin_records(source: str) -> Iterator[tuple[str, object]]:
    name = source.removeprefix("builtin:")
    if name not in BUILTIN:
        names = ", ".join(f"builtin:{name}" for name in BUILTIN)
        raise ConfigError(f"data: nothing is built in as {source!r}. Known: {names}.")
    return ((f"{source}:{number}", asdict(row)) for number, row in enumerate(BUILTIN[name](), start=1))


def _listed(bad: list[BadRow], good: int) -> str:
    lines = [str(row) for row in bad[:BAD_ROWS_SHOWN]]
    if len(bad) > BAD_ROWS_SHOWN:
        lines.append(f"… and {len(bad) - BAD_ROWS_SHOWN} more.")
    return "\n".join([f"{len(bad)} of {len(bad) + good} rows cannot be used:", *lines])
