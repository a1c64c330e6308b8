"""Reads the rows of one source, and counts what of it is not used."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from astraios_ray.data.make_row import make_row
from astraios_ray.data.rows import BadRow, Row
from astraios_ray.data.sources import records_of
from astraios_ray.errors import DataError
from astraios_ray.records import DataRef, SourceRef

BAD_ROWS_SHOWN = 20  # in one message


@dataclass(frozen=True)
class SourceRows:
    """The rows of a source in their order."""

    name: str
    rows: tuple[Row, ...]
    unanswered: int = 0  # rows that were left out, since there is nothing to learn in them
    unused: tuple[str, ...] = ()  # columns that no row uses

    @property
    def note(self) -> str:
        """What is not used, as sentences; empty where all is."""
        parts = []
        if self.unanswered:
            count = len(self.rows) + self.unanswered
            parts.append(f"{self.unanswered} of {count} rows have no answer and are left out.")
        if self.unused:
            parts.append(f"Columns that are not used: {', '.join(self.unused)}.")
        return f"{self.name}: {' '.join(parts)}" if parts else ""


def read_rows(ref: DataRef) -> list[Row]:
    """The rows of all sources of the training rows, one source after the other, not mixed."""
    return [row for source in ref.sources for row in read_source(source, ref).rows]


def read_source(source: SourceRef, ref: DataRef) -> SourceRows:
    """The rows of ``source``, of at most ``ref.limit`` records.

    A row without an answer is left out and counted; with ``ref.strict`` it is unusable. Raises DataError that
    lists the unusable rows, ConfigError when there is no such source.
    """
    rows, bad = list[Row](), list[BadRow]()
    columns, used = dict[str, None](), set[str]()
    unanswered = 0
    for place, record in islice(records_of(source), ref.limit):
        row = record if isinstance(record, BadRow) else make_row(record, place, ref)
        columns |= dict.fromkeys(record if isinstance(record, Mapping) else ())
        if isinstance(row, Row):
            rows.append(row)
            used |= set(row.columns.split("+"))
        elif row.unanswered and not ref.strict:
            unanswered += 1
        else:
            bad.append(row)
    _refuse(source, rows, bad, unanswered)
    return SourceRows(
        source.source, tuple(rows), unanswered, tuple(column for column in columns if column not in used)
    )


def _refuse(source: SourceRef, rows: list[Row], bad: list[BadRow], unanswered: int) -> None:
    if bad:
        raise DataError(listed(bad, len(bad) + len(rows) + unanswered))
    if not rows and unanswered:
        raise DataError(f"{source.source}: none of {unanswered} rows has an answer, expected at least one.")
    if not rows:
        raise DataError(f"{source.source}: has no rows, expected at least one.")


def listed(bad: list[BadRow], count: int) -> str:
    """The first of the ``bad`` rows among ``count``, as a message."""
    lines = [str(row) for row in bad[:BAD_ROWS_SHOWN]]
    if len(bad) > BAD_ROWS_SHOWN:
        lines.append(f"… and {len(bad) - BAD_ROWS_SHOWN} more.")
    return "\n".join([f"{len(bad)} of {count} rows cannot be used:", *lines])
