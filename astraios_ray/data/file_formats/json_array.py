"""Files that are one JSON array of objects."""

import json
from collections.abc import Iterator
from pathlib import Path

from astraios_ray.data.file_formats.compression import BREAKS, explain_break, opened
from astraios_ray.data.file_formats.json_text import parse_json
from astraios_ray.data.rows import BadRow, kind_of


def json_array_records(path: Path) -> Iterator[tuple[str, object]]:
    """The objects of the array, with their places ``file:row``; one BadRow where there is no array."""
    records = _array(path)
    if isinstance(records, BadRow):
        yield f"{path}:1", records
        return
    for number, record in enumerate(records, start=1):
        yield f"{path}:{number}", record


def _array(path: Path) -> list[object] | BadRow:
    place = f"{path}:1"
    try:
        with opened(path) as file:
            records = parse_json(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return BadRow(place, f"byte {error.start} of the file is no UTF-8, expected UTF-8 text.")
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        return BadRow(
            place,
            f"found no JSON ({error.msg} at {at}), expected a list of objects; lines of JSON end in .jsonl.",
        )
    except RecursionError:
        return BadRow(place, "is nested too deeply, expected a list of objects.")
    except BREAKS as error:
        return BadRow(place, explain_break(path, error))
    if not isinstance(records, list):
        return BadRow(place, f"found {kind_of(records)}, expected a list of objects.")
    return records
