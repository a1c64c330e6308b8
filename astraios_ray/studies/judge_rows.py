"""Rows of programs to be judged: all are read and checked before any is run."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astraios_ray.data.file_formats.json_lines import json_line_records, line_records
from astraios_ray.data.rows import BadRow, kind_of
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.checked_rows import all_good
from astraios_ray.evaluation.functional import self_running
from astraios_ray.sandbox.protocol import LANGUAGES, Check, FunctionCheck, JavaCheck, ProgramCheck
from astraios_ray.tasks.code_rows import if_python
from astraios_ray.tasks.humanevalpack_unit_tests import UNIT_TESTED


@dataclass(frozen=True)
class JudgeRow:
    """One program with what judges it."""

    id: str
    check: Check


def read_rows(path: Path, language: str = "python", mode: str = "function") -> list[JudgeRow]:
    """The rows of a JSONL file, compressed when its name ends in .gz or .zst; ``-`` is standard input.

    A row holds ``id``, either ``program`` or ``prompt`` and ``completion``, and what judges it: a function
    has a ``test``, in Python an ``entry_point`` too, in cpp, js, go and rust a ``signature``; a program
    has ``stdin`` and ``expected``. Other keys are left alone. Raises DataError with the lines and reasons of
    all bad rows, ConfigError for C functions.
    """
    if (language, mode) not in _CHECKS:
        raise ConfigError(_no_check(language, mode), arguments=["language", "mode"])
    check = _CHECKS[language, mode]
    rows, bad, places_by_id = list[JudgeRow](), list[str](), dict[str, str]()
    for place, record in _records(path):
        try:
            row = _row(record, check)
            if row.id in places_by_id:
                raise DataError(f"id {row.id!r} is that of {places_by_id[row.id]} too")
        except DataError as error:
            bad.append(f"{place}: {error}")
        else:
            places_by_id[row.id] = place
            rows.append(row)
    return all_good(rows, bad, path)


def _no_check(language: str, mode: str) -> str:
    if (language, mode) == ("c", "function"):
        return "`language` c `mode` function: C is judged by what it prints: `mode` program."
    pairs = ", ".join(f"{language} with {mode}" for language, mode in _CHECKS)
    return f"`language` {language} `mode` {mode}: there are {pairs}."


def _records(path: Path) -> Iterator[tuple[str, object]]:
    if str(path) == "-":
        return line_records(sys.stdin.buffer, path, lambda row: f"{path}:{row}")
    if not path.exists() or path.is_dir():
        raise DataError(f"{path}: cannot be read: there is no such file.")
    return json_line_records(path)


def _row(record: object, check: Callable[[Mapping[str, Any]], Check]) -> JudgeRow:
    if isinstance(record, BadRow):
        raise DataError(record.reason)
    if not isinstance(record, dict):
        raise DataError(f"expected a JSON object, found {kind_of(record)}")
    return JudgeRow(_text(record, "id"), check(record))


def _python_function(row: Mapping[str, Any]) -> Check:
    test = self_running(f"id {row['id']!r}", _text(row, "test"), _text(row, "entry_point"))
    return FunctionCheck(_program(row), _text(row, "entry_point"), test, _prelude(row))


def _java_function(row: Mapping[str, Any]) -> Check:
    """HumanEvalPack's tests stand below the solution in one file, and so below its imports."""
    program, test = _program(row), _text(row, "test")
    imports = [] if _java_imports(test) else _java_imports(program)
    return JavaCheck(program, "\n".join([*imports, test]))


def _java_imports(source: str) -> list[str]:
    """The imports of a Java source. Comments and texts can hold lines that look like imports."""
    return [statement.strip() for statement in _IMPORTS.findall(_NO_CODE.sub(" ", source))]


def _unit_tested(language: str) -> Callable[[Mapping[str, Any]], Check]:
    """What a row of HumanEvalPack holds beside the three keys is used as it is in that benchmark."""

    def check(row: Mapping[str, Any]) -> Check:
        texts = {key: value for key, value in row.items() if isinstance(value, str)}
        signed = {**texts, "signature": _text(row, "signature"), "test": _text(row, "test")}
        return UNIT_TESTED[language].check(signed, _program(row))

    return check


def _printing_program(language: str) -> Callable[[Mapping[str, Any]], Check]:
    return lambda row: ProgramCheck(language, _program(row), _utf8(row, "stdin"), _utf8(row, "expected"))


_NO_CODE = re.compile(
    r'''"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|//[^\n]*|/\*.*?\*/''', re.DOTALL
)
_IMPORTS = re.compile(r"(?:^|(?<=;))\s*import\s[\w\s.*]+;", re.MULTILINE)
_CHECKS = {
    ("python", "function"): _python_function,
    ("java", "function"): _java_function,
    **{(language, "function"): _unit_tested(language) for language in UNIT_TESTED},
    **{(language, "program"): _printing_program(language) for language in LANGUAGES},
}


def _program(row: Mapping[str, Any]) -> str:
    parts = [key for key in ("prompt", "completion") if key in row]
    if "program" in row and parts:
        raise DataError(f"has 'program' and {parts[0]!r}; give one or the other")
    if "program" in row:
        return _text(row, "program")
    _missing(row, ("prompt", "completion"), " (or 'program')")
    return _text(row, "prompt") + _text(row, "completion")


def _prelude(row: Mapping[str, Any]) -> str:
    """Code that the test needs: HumanEval's tests use functions that the prompt defines before the last."""
    if "prelude" in row:
        return _text(row, "prelude")
    return if_python(str(row.get("prompt", "")))


def _text(row: Mapping[str, Any], key: str) -> str:
    _missing(row, (key,))
    value = row[key]
    if not isinstance(value, str):
        raise DataError(f"{key!r} must be text, found {type(value).__name__}")
    return value


def _utf8(row: Mapping[str, Any], key: str) -> str:
    text = _text(row, key)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DataError(f"{key!r} has half a letter at {error.start}, expected whole ones") from error
    return text


def _missing(row: Mapping[str, Any], keys: Iterable[str], hint: str = "") -> None:
    missing = [key for key in keys if key not in row]
    if missing:
        raise DataError(f"{', '.join(map(repr, missing))} is missing{hint}; the row has {sorted(row)}")
