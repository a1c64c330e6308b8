"""Rows with an input text and a target text, in the formats of CodeXGLUE's generation tasks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.data.file_formats.compression import BREAKS, opened
from astraios_ray.data.file_formats.json_lines import json_line_records
from astraios_ray.data.row_files import file_records
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.checked_rows import checked_rows, text_of

_JSON_LINES = (".json", ".json.gz")  # CONCODE's own names for files of JSON lines


@dataclass(frozen=True)
class CodePair:
    """One row; neither text has white space around it."""

    input: str
    target: str


def read_pairs(path: Path, input_key: str, target_key: str) -> list[CodePair]:
    """The rows of a file of objects (JSON lines, Parquet), or of two files of lines.

    With two files, ``path`` ends in ``.<input_key>`` (``test.buggy.gz``), and the other file, which ends in
    ``.<target_key>``, is beside it. Raises DataError with all rows that cannot be used.
    """

    def make(record: Mapping[str, object]) -> CodePair:
        return CodePair(text_of(record, input_key).strip(), text_of(record, target_key).strip())

    if path.name.removesuffix(".gz").endswith(f".{input_key}"):
        records: Iterable[tuple[str, object]] = _paired(path, input_key, target_key)
    elif path.name.endswith(_JSON_LINES):
        records = json_line_records(path)
    else:
        records = file_records(path)
    return checked_rows(records, make, str(path))


def _paired(path: Path, input_key: str, target_key: str) -> list[tuple[str, object]]:
    target_path = path.with_name(path.name.replace(f".{input_key}", f".{target_key}"))
    inputs, targets = _lines(path), _lines(target_path)
    if len(inputs) != len(targets):
        raise DataError(f"{path}: has {len(inputs)} lines, {target_path.name} beside it has {len(targets)}.")
    return [
        (f"{path}:{number}", {input_key: line, target_key: target})
        for number, (line, target) in enumerate(zip(inputs, targets, strict=True), start=1)
    ]


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        raise ConfigError(f"data: there is no file {str(path)!r}.")
    try:
        with opened(path) as file:
            text = file.read().decode()
    except (*BREAKS, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {error}.") from error
    return text.removesuffix("\n").split("\n")
