"""Rows of LiveCodeBench's code generation: problems of contests, with their dates and tests.

The format is that of livecodebench/code_generation_lite (Jain et al. 2024, arXiv 2403.07974). Private tests
are JSON, or JSON that was pickled, compressed and written as base64.
"""

import base64
import binascii
import json
import pickle
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from astraios_ray.data.row_files import file_records
from astraios_ray.evaluation.checked_rows import checked_rows, text_of

STDIN, FUNCTIONAL = "stdin", "functional"
_MOST_UNPACKED = 1 << 30  # bytes of the private tests of one problem


Window = tuple[date, date]  # the first and the last day


@dataclass(frozen=True)
class LiveRow:
    """One problem. Its tests stay as the row has them until it is judged."""

    question_id: str
    title: str
    text: str
    contest: str
    day: date
    starter_code: str  # empty where a program reads its input
    function: str  # that is called; empty where a program reads its input
    public_tests: str
    private_tests: str
    canonical_solution: str  # rows of the data set have none

    def is_from(self, window: Window) -> bool:
        """Whether its contest was in the window."""
        return window[0] <= self.day <= window[1]


@dataclass(frozen=True)
class LiveTest:
    """One test: a program's input and output, or a function's arguments, one JSON value a line, and value."""

    input: str
    output: str


def read_live(path: Path, window: Window) -> list[LiveRow]:
    """The rows of a file; those outside the window without tests, which are most of their size.

    Raises DataError with all rows that cannot be used.
    """

    def make(record: Mapping[str, object]) -> LiveRow:
        row = live_row(record)
        return row if row.is_from(window) else replace(row, public_tests="", private_tests="")

    return checked_rows(file_records(path), make, str(path))


def live_row(record: Mapping[str, object]) -> LiveRow:
    """The row of a record. Raises ValueError when it cannot be used."""
    names = ("question_id", "question_title", "question_content", "contest_id", "contest_date")
    question_id, title, text, contest, moment = (text_of(record, name) for name in names)
    metadata = _json(str(record.get("metadata") or "{}"), "metadata")
    function = metadata.get("func_name", "") if isinstance(metadata, dict) else ""
    return LiveRow(
        question_id,
        title,
        text,
        contest,
        _day(moment),
        str(record.get("starter_code") or ""),
        str(function or ""),
        text_of(record, "public_test_cases"),
        text_of(record, "private_test_cases"),
        str(record.get("canonical_solution") or ""),
    )


def all_tests(public_tests: str, private_tests: str, function: str) -> list[LiveTest]:
    """All tests of a problem, the public ones first. Raises ValueError when they cannot be used."""
    kind = FUNCTIONAL if function else STDIN
    records = [*_records(public_tests, "public_test_cases"), *_records(_unpacked(private_tests), "private")]
    tests = [_test(record, kind) for record in records]
    if not tests:
        raise ValueError("there is no test, expected one or more")
    return tests


def _day(moment: str) -> date:
    try:
        return datetime.fromisoformat(moment).date()
    except ValueError:
        raise ValueError(f"'contest_date' must be a date as 2024-05-31, found {moment[:40]!r}") from None


def _test(record: object, kind: str) -> LiveTest:
    parts = [record.get(key) for key in ("input", "output", "testtype")] if isinstance(record, dict) else []
    if len(parts) != 3 or not all(isinstance(part, str) for part in parts):
        raise ValueError("a test must have the texts 'input', 'output' and 'testtype'")
    given, output, testtype = map(str, parts)
    if testtype != kind:
        raise ValueError(f"a test has testtype {testtype!r}, expected {kind!r}")
    if kind == FUNCTIONAL:
        for value in (*given.split("\n"), output):
            _json(value, "a value of a functional test")
    return LiveTest(given, output)


def _records(text: str, name: str) -> Sequence[object]:
    records = _json(text, name)
    if not isinstance(records, list):
        raise ValueError(f"{name!r} must be a list of tests")
    return records


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name!r} is no JSON: {error}") from error


def _unpacked(private_tests: str) -> str:
    """The JSON of private tests."""
    if private_tests.lstrip().startswith("["):
        return private_tests
    try:
        packed = base64.b64decode(private_tests, validate=True)
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(packed, _MOST_UNPACKED)
        if not unpacking.eof:
            raise ValueError("it has more than 1 GiB, or breaks off")
        text = _TextAlone(BytesIO(content)).load()
    except (binascii.Error, zlib.error, pickle.UnpicklingError, EOFError, ValueError) as error:
        raise ValueError(f"'private_test_cases' cannot be unpacked: {error}") from error
    if not isinstance(text, str):
        raise ValueError(f"'private_test_cases' holds a {type(text).__name__}, expected text")
    return text


class _TextAlone(pickle.Unpickler):
    """Unpickles plain values and never calls anything, since a row is data."""

    def find_class(self, module: str, name: str) -> Any:
        """Refuse every class and function."""
        raise pickle.UnpicklingError(f"it names {module}.{name}, expected text")
