"""Rows of programs to be judged: read whole, checked whole, before anything is run."""

import gzip
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astraios_ray.errors import DataError
from astraios_ray.evaluation.functional import self_running
from astraios_ray.sandbox.base import FunctionCheck

MOST_TOLD = 20  # bad rows


@dataclass(frozen=True)
class Row:
    """One program with what judges it."""

    id: str
    check: FunctionCheck


def read_rows(path: Path) -> list[Row]:
    """The rows of a JSONL file, gzipped when its name ends so; ``-`` is standard input.

    A row holds ``id``, ``entry_point``, ``test``, and either ``program`` or ``prompt`` and ``completion``;
    other keys are left alone. Raises DataError with the line numbers and reasons of all bad rows.
    """
    rows, bad, known = list[Row](), list[str](), dict[str, int]()
    for number, line in enumerate(_lines(path), start=1):
        try:
            row = _row(line)
            if row.id in known:
                raise DataError(f"id {row.id!r} is that of line {known[row.id]} too")
        except DataError as error:
            bad.append(f"{path}:{number}: {error}")
        else:
            known[row.id] = number
            rows.append(row)
    if bad:
        more = [f"and {len(bad) - MOST_TOLD} more bad rows"] if len(bad) > MOST_TOLD else []
        raise DataError("\n".join([*bad[:MOST_TOLD], *more]))
    if not rows:
        raise DataError(f"{path}: holds no row; one JSON object a line was expected.")
    return rows


def _lines(path: Path) -> Iterator[str]:
    if str(path) == "-":
        yield from sys.stdin
        return
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            yield from file
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise DataError(f"{path}: cannot be read: {error}.") from error


def _row(line: str) -> Row:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DataError(f"is no JSON: {error}") from error
    if not isinstance(row, dict):
        raise DataError(f"expected a JSON object, found {line.strip()[:40]!r}")
    name = _text(row, "id")
    test = self_running(f"id {name!r}", _text(row, "test"), _text(row, "entry_point"))
    return Row(name, FunctionCheck(_program(row), _text(row, "entry_point"), test, _prelude(row)))


def _program(row: Mapping[str, Any]) -> str:
    parts = [key for key in ("prompt", "completion") if key in row]
    if "program" in row and parts:
        raise DataError(f"has 'program' and {parts[0]!r}; give one or the other")
    if "program" in row:
        return _text(row, "program")
    _missing(row, ("prompt", "completion"), " (or 'program')")
    return _text(row, "prompt") + _text(row, "completion")


def _prelude(row: Mapping[str, Any]) -> str:
    """Names for the test. HumanEval's tests use functions that stand in the prompt before the asked one."""
    if "prelude" in row:
        return _text(row, "prelude")
    prompt = str(row.get("prompt", ""))
    try:
        compile(prompt, "<prompt>", "exec")
    except (SyntaxError, ValueError):  # it ends in the middle of a function; a NUL byte
        return ""
    return prompt


def _text(row: Mapping[str, Any], key: str) -> str:
    _missing(row, (key,))
    value = row[key]
    if not isinstance(value, str):
        raise DataError(f"{key!r} must be text, found {type(value).__name__}")
    return value


def _missing(row: Mapping[str, Any], keys: Iterable[str], hint: str = "") -> None:
    missing = [key for key in keys if key not in row]
    if missing:
        raise DataError(f"{', '.join(map(repr, missing))} is missing{hint}; the row has {sorted(row)}")
