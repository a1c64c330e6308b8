"""Lines with a JSON object on each, in files of any name."""

import codecs
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from astraios_ray.data.file_formats.compression import BREAKS, explain_break, opened
from astraios_ray.data.file_formats.json_text import parse_json
from astraios_ray.data.rows import BadRow

LONGEST_LINE = 64 << 20  # bytes


def json_line_records(path: Path) -> Iterator[tuple[str, object]]:
    """The records of a file with any name, with their places ``file:row``; a BadRow where a line has none."""
    with opened(path) as file:
        yield from line_records(file, path, lambda row: f"{path}:{row}")


def line_records(file: BinaryIO, path: Path, place_of: Callable[[int], str]) -> Iterator[tuple[str, object]]:
    """The records of the lines with the places of their rows, from 1; a BadRow where a line has none.

    Only ``\\n`` ends a line: JSON may hold every other character that Python takes for a line end. A byte
    order mark, and blank lines at the end, are left out. A line that is too long is the last one read.
    """
    row = blank = 0  # blank: the first of the blank lines before this one
    try:
        while line := file.readline(LONGEST_LINE + 1):
            row += 1
            line = line.removeprefix(codecs.BOM_UTF8) if row == 1 else line
            if not line.strip():
                blank = blank or row
                continue
            if blank:
                place = place_of(blank)
                yield place, BadRow(place, "found an empty line, expected one JSON object.")
            blank = 0
            yield place_of(row), _record(line, place_of(row))
            if len(line) > LONGEST_LINE:
                return
    except BREAKS as error:
        yield place_of(row + 1), BadRow(place_of(row + 1), explain_break(path, error))


def _record(line: bytes, place: str) -> object:
    if len(line) > LONGEST_LINE:
        return BadRow(place, f"has more than {LONGEST_LINE:,} bytes, expected one JSON object a line.")
    try:
        return parse_json(line.rstrip(b"\r\n").decode())
    except UnicodeDecodeError as error:
        return BadRow(place, f"byte {error.start} of the line is no UTF-8, expected UTF-8 text.")
    except json.JSONDecodeError as error:
        reason = f"found no JSON ({error.msg} at column {error.colno}), expected one JSON object."
        return BadRow(place, reason)
    except RecursionError:
        return BadRow(place, "is nested too deeply, expected one flat JSON object.")
