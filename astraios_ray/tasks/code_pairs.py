"""Rows that give one text and want another, in the formats of CodeXGLUE's generation tasks."""

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.data.row_files import file_records, json_line_records
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.checked_rows import checked_rows, text_of

_JSON_LINES = (".json", ".json.gz")  # CONCODE's own names for files of JSON lines


@dataclass(frozen=True)
class CodePair:
    """One row, without white space around either text."""

    given: str
    wanted: str


def read_pairs(path: Path, given_key: str, wanted_key: str) -> list[CodePair]:
    """The rows of a file of objects (JSON lines, Parquet), or of two files of lines.

    Of two files, ``path`` is the one that ends in ``.<given_key>`` (``test.buggy.gz``); the other one, which
    ends in ``.<wanted_key>``, lies beside it. Raises DataError with all rows that cannot be used.
    """

    def make(record: Mapping[str, object]) -> CodePair:
        return CodePair(text_of(record, given_key).strip(), text_of(record, wanted_key).strip())

    if path.name.removesuffix(".gz").endswith(f".{given_key}"):
        records = _paired(path, given_key, wanted_key)
    elif path.name.endswith(_JSON_LINES):
        records = list(json_line_records(path))
    else:
        records = list(file_records(path))
    return checked_rows(records, make, str(path))


def _paired(path: Path, given_key: str, wanted_key: str) -> list[tuple[str, object]]:
    other = path.with_name(path.name.replace(f".{given_key}", f".{wanted_key}"))
    given, wanted = _lines(path), _lines(other)
    if len(given) != len(wanted):
        raise DataError(f"{path}: has {len(given)} lines, {other.name} beside it has {len(wanted)}.")
    return [
        (f"{path}:{number}", {given_key: one, wanted_key: two})
        for number, (one, two) in enumerate(zip(given, wanted, strict=True), start=1)
    ]


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        raise ConfigError(f"data: there is no file {str(path)!r}.")
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {error}.") from error
    return text.removesuffix("\n").split("\n")
