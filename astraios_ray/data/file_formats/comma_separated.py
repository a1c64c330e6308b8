"""Files of comma-separated values, whose first line names the columns."""

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from astraios_ray.data.file_formats.compression import BREAKS, explain_break, opened
from astraios_ray.data.rows import BadRow

csv.field_size_limit(sys.maxsize)  # else a long text is an error; rows limit the length of their texts


def csv_records(path: Path) -> Iterator[tuple[str, object]]:
    """The lines below the first as objects with their places; a BadRow for one with other cells."""
    number = 0
    try:
        with opened(path) as file:
            table = csv.reader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""), strict=True)
            columns = next(table, [])
            for number, cells in enumerate(filter(None, table), start=1):
                place = f"{path}:{number}"
                yield place, _record(columns, cells, place)
    except UnicodeDecodeError as error:
        place = f"{path}:{number + 1}"
        yield place, BadRow(place, f"a byte here is no UTF-8 ({error.reason}), expected UTF-8 text.")
    except csv.Error as error:
        place = f"{path}:{number + 1}"
        yield place, BadRow(place, f"no CSV can be read here ({error}); expected cells as in RFC 4180.")
    except BREAKS as error:
        place = f"{path}:{number + 1}"
        yield place, BadRow(place, explain_break(path, error))


def _record(columns: list[str], cells: list[str], place: str) -> object:
    if len(cells) != len(columns):
        return BadRow(place, f"has {len(cells)} cells, expected {len(columns)} as in the first line.")
    return dict(zip(columns, cells, strict=True))
