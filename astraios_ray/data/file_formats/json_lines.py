"""Files with a JSON object on each line."""

import json
from collections.abc import Iterator
from pathlib import Path

from astraios_ray.data.file_formats.compression import BREAKS, explain_break, opened
from astraios_ray.data.rows import BadRow


def json_line_records(path: Path) -> Iterator[tuple[str, object]]:
    """The records of a file with any name, with their places ``file:row``; a BadRow where a line has none."""
    number = 0
    try:
        with opened(path) as file:
            for number, line in enumerate(file, start=1):
                place = f"{path}:{number}"
                yield place, _json_record(line.rstrip(b"\r\n"), place)
    except BREAKS as error:
        place = f"{path}:{number + 1}"
        yield place, BadRow(place, explain_break(path, error))


def _json_record(line: bytes, place: str) -> object:
    try:
        return json.loads(line.decode())
    except UnicodeDecodeError as error:
        return BadRow(place, f"byte {error.start} of the line is no UTF-8, expected UTF-8 text.")
    except json.JSONDecodeError as error:
        content = "an empty line" if not line.strip() else f"no JSON ({error.msg} at column {error.colno})"
        return BadRow(place, f"found {content}, expected one JSON object.")
    except RecursionError:
        return BadRow(place, "is nested too deeply, expected one flat JSON object.")
