"""Rows of sanitized MBPP: google-research's JSON file, or the Parquet of the hub."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.data.row_files import file_records
from astraios_ray.data.rows import kind_of
from astraios_ray.evaluation.checked_rows import checked_rows, refuse_repeated, text_of


@dataclass(frozen=True)
class MbppRow:
    """One problem."""

    number: int
    text: str
    program: str
    imports: Sequence[str]  # that the tests need
    tests: Sequence[str]
    entry_point: str


def read_mbpp(path: Path) -> list[MbppRow]:
    """The rows of a file. Raises DataError with all rows that cannot be used."""
    rows = checked_rows(file_records(path), _row, str(path))
    refuse_repeated("task_id", (row.number for row in rows), f"{path}: ")
    return rows


def _row(record: Mapping[str, object]) -> MbppRow:
    number = record.get("task_id")
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError(f"'task_id' must be a whole number, found {kind_of(number)}")
    program, tests = text_of(record, "code"), _texts(record, "test_list")
    if not tests:
        raise ValueError("'test_list' is empty, expected one test or more")
    imports = _texts(record, "test_imports")
    return MbppRow(number, text_of(record, "prompt"), program, imports, tests, _entry_point(program, tests))


def _texts(record: Mapping[str, object], key: str) -> list[str]:
    values = record.get(key)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{key!r} must be a list of texts")
    return values


def _entry_point(program: str, tests: Sequence[str]) -> str:
    """The function of the program that the tests call; a row does not name it."""
    defined: list[str] = re.findall(r"^def (\w+)", program, re.MULTILINE)
    called = [name for name in defined if re.search(rf"\b{name}\(", "\n".join(tests))]
    if len(called) != 1:
        raise ValueError(f"the tests must call one function of 'code', found {', '.join(called) or 'none'}")
    return called[0]
