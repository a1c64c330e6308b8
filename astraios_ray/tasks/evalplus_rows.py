"""Rows of HumanEval+ and MBPP+ in the files of evalplus's releases.

A row has inputs only: what is right is what its reference answers. JSON knows lists only, so the inputs of
some tasks of MBPP+ become tuples, sets and complex numbers here (evalplus/data/mbpp.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from astraios_ray.data.row_files import file_records
from astraios_ray.data.rows import kind_of
from astraios_ray.evaluation.checked_rows import checked_rows, refuse_repeated, text_of

Arguments = Sequence[Any]  # of one call


@dataclass(frozen=True)
class PlusRow:
    """One task, with the arguments of the benchmark's own tests (``base``) and of those of evalplus."""

    task_id: str
    prompt: str
    program: str  # the reference, whole
    entry_point: str
    base: Sequence[Arguments]
    plus: Sequence[Arguments]  # one task of MBPP+ v0.1.0 has none
    tolerance: float  # of floats, absolute; 0: the default
    assertion: str  # the tests as the benchmark writes them; empty in HumanEval+

    @property
    def number(self) -> str:
        """The number of the task in its benchmark."""
        return self.task_id.rpartition("/")[2]


def read_human_eval_plus(path: Path) -> list[PlusRow]:
    """The rows of HumanEval+. Raises DataError with all rows that cannot be used."""
    return _read(path, continues_prompt=True)


def read_mbpp_plus(path: Path) -> list[PlusRow]:
    """The rows of MBPP+. Raises DataError with all rows that cannot be used."""
    return _read(path, continues_prompt=False)


def _read(path: Path, *, continues_prompt: bool) -> list[PlusRow]:
    make = partial(_row, continues_prompt=continues_prompt)
    rows = checked_rows(file_records(path), make, str(path))
    refuse_repeated("task_id", (row.task_id for row in rows), f"{path}: ")
    return rows


def _row(record: Mapping[str, object], *, continues_prompt: bool) -> PlusRow:
    task_id, prompt, solution = (text_of(record, key) for key in ("task_id", "prompt", "canonical_solution"))
    base, plus = (_inputs(record, key) for key in ("base_input", "plus_input"))
    if not continues_prompt:
        number = task_id.rpartition("/")[2]
        base, plus = ([of_json(number, arguments) for arguments in inputs] for inputs in (base, plus))
    tolerance, assertion = record.get("atol", 0), record.get("assertion", "")
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float):
        raise ValueError(f"'atol' must be a number, found {kind_of(tolerance)}")
    program = prompt + solution if continues_prompt else solution
    entry_point = text_of(record, "entry_point")
    return PlusRow(task_id, prompt, program, entry_point, base, plus, tolerance, str(assertion))


def _inputs(record: Mapping[str, object], key: str) -> list[Arguments]:
    value = record.get(key)
    if key == "plus_input" and value == {}:
        return []
    if not isinstance(value, list) or not all(isinstance(arguments, list) for arguments in value):
        raise ValueError(f"{key!r} must be a list with the list of arguments of each call")
    if not value and key == "base_input":
        raise ValueError(f"{key!r} is empty, expected the arguments of at least one call")
    return value


_TUPLES = {  # the tasks in which a list is a tuple, by its depth below the arguments
    0: "580 615 791",
    1: "2 116 132 143 222 261 273 394 399 421 424 429 470 560 579 596 616 630 726 740 744 809",
    2: "63 64 70 94 120 237 272 299 400 409 417 438 473 614 780 75 413 444 753",
}
_FIRST_IS_TUPLE = "250 405 446 617 720 763 808 307"
_SECOND_IS_TUPLE = "106 750"


def of_json(number: str, arguments: Arguments) -> Arguments:
    """The arguments of a call of MBPP+'s task ``number``, as its reference expects them."""
    if number in _SPECIAL:
        return _SPECIAL[number](arguments)
    if number in _FIRST_IS_TUPLE.split():
        return [tuple(arguments[0]), *arguments[1:]]
    if number in _SECOND_IS_TUPLE.split():
        return [arguments[0], tuple(arguments[1])]
    for depth, numbers in _TUPLES.items():
        if number in numbers.split():
            return [_tuples(part, depth) for part in arguments]
    return arguments


def _tuples(value: Any, depth: int) -> Any:
    """Lists as tuples: all of them at depth 0, else those ``depth - 1`` lists below an argument."""
    if not isinstance(value, list):
        return value
    if depth == 0:
        return tuple(_tuples(part, 0) for part in value)
    return tuple(value) if depth == 1 else [_tuples(part, depth - 1) for part in value]


def _pairs(arguments: Arguments) -> Arguments:
    return [tuple(map(tuple, part)) for part in arguments]


_SPECIAL: Mapping[str, Callable[[Arguments], Arguments]] = {
    "115": lambda given: [[set(part) if isinstance(part, list) and part else {} for part in given[0]]],
    "124": lambda given: [float(given[0]), complex(given[1])],
    "252": lambda given: [complex(given[0])],
    "278": lambda given: [tuple(tuple(part) if isinstance(part, list) else part for part in given[0])],
    "722": lambda given: [{key: tuple(value) for key, value in given[0].items()}, *given[1:]],
    **dict.fromkeys(("259", "401", "445"), _pairs),
}
