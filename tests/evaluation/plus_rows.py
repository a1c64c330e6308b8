"""Rows of sanitized MBPP, HumanEval+ and MBPP+ as problems, judged as evalplus does.

A plus row has inputs only: what is right is what its reference answers. Floats may differ by ``atol``, or by
1e-6 where it is 0, beside 1e-7 of the value; a few tasks of MBPP+ accept more.
"""

import gzip
import json
import re
from pathlib import Path
from typing import Any

from astraios_ray.evaluation.evaluator import Problem

DATA = Path(__file__).parents[2].parent / "shared" / "data"

# Inputs of these MBPP+ tasks are no JSON: at this depth below the arguments a list is a tuple.
_TUPLES = {
    0: "580 615 791",
    1: "2 116 132 143 222 261 273 394 399 421 424 429 470 560 579 596 616 630 726 740 744 809",
    2: "63 64 70 94 120 237 272 299 400 409 417 438 473 614 780 75 413 444 753",
}
_SIDES = """
from copy import deepcopy
from math import inf, nan

def _same(answer, right, atol):
    if answer == right:
        return True
    if isinstance(right, (list, tuple)) and isinstance(answer, (list, tuple)):
        return len(answer) == len(right) and all(_same(a, r, atol) for a, r in zip(answer, right))
    if isinstance(right, complex) or not isinstance(right, (int, float)):
        return False
    if not isinstance(answer, (int, float)):
        return False
    return right != right and answer != answer or abs(answer - right) <= atol + 1e-7 * abs(right)

def _is_floats(right):
    return isinstance(right, float) or (
        isinstance(right, (list, tuple)) and all(isinstance(part, float) for part in right))

_reference = {}
exec(REFERENCE, _reference)
_reference = _reference[ENTRY_POINT]
"""
_TEST = """
for arguments in {inputs}:
    right = _reference(*deepcopy(arguments))
    answer = {entry_point}(*arguments)
    assert {rule}, (arguments, answer, right)
"""
_COMPARED = "_same(answer, right, {atol} or 1e-6) if {atol} or _is_floats(right) else answer == right"
_RULES = {
    "are_equivalent": "answer == right or answer is True",
    "sum_div": "answer == right or answer == 0",
    "find_zero": "abs(sum(part * answer ** n for n, part in enumerate(arguments[0]))) <= 1e-4",
    **dict.fromkeys(
        ("check_str", "text_match_three", "text_starta_endb"),
        "(answer if isinstance(answer, bool) else answer is not None) == (right is not None)",
    ),
    **dict.fromkeys(
        (
            *("similar_elements", "find_char_long", "common_in_nested_lists", "extract_singly", "larg_nnum"),
            *("intersection_array", "find_dissimilar", "Diff"),
        ),
        "set(answer) == set(right)",
    ),
}


def mbpp() -> list[Problem]:
    """Sanitized MBPP. The entry point is the function of the reference that the test calls."""
    with gzip.open(DATA / "mbpp" / "sanitized-mbpp.json.gz", "rt") as file:
        return [_mbpp_problem(row) for row in json.load(file)]


def _mbpp_problem(row: dict[str, Any]) -> Problem:
    test = "\n".join([*row["test_imports"], *row["test_list"]])
    defined = re.findall(r"^def (\w+)", row["code"], re.MULTILINE)
    (entry_point,) = [name for name in defined if re.search(rf"\b{name}\(", test)]
    return _problem(f"mbpp/{row['task_id']}", row["code"], entry_point, test)


def plus(file: str) -> list[Problem]:
    """The rows of one file of HumanEval+ or MBPP+ with all base and plus inputs."""
    with gzip.open(DATA / file, "rt") as lines:
        return [_plus_problem(json.loads(line)) for line in lines]


def _plus_problem(row: dict[str, Any]) -> Problem:
    task, entry_point = row["task_id"], row["entry_point"]
    is_mbpp = task.startswith("Mbpp/")
    program = row["canonical_solution"] if is_mbpp else row["prompt"] + row["canonical_solution"]
    inputs = [*row["base_input"], *row["plus_input"]]
    if is_mbpp:
        inputs = [_of_mbpp(task.removeprefix("Mbpp/"), arguments) for arguments in inputs]
    rule = _RULES.get(entry_point, _COMPARED.format(atol=row["atol"]))
    test = _TEST.format(inputs=inputs, entry_point=entry_point, rule=rule)
    prelude = f"REFERENCE, ENTRY_POINT = {program!r}, {entry_point!r}\n{_SIDES}"
    return _problem(task, program, entry_point, test, prelude)


def _problem(task: str, program: str, entry_point: str, test: str, prelude: str = "") -> Problem:
    answer = {
        "declaration": "",
        "canonical_solution": program,
        "entry_point": entry_point,
        "test": test,
        "prelude": prelude,
    }
    return Problem(task, "", answer)


def _of_mbpp(task: str, arguments: list[Any]) -> list[Any]:
    if task == "115":
        return [[set(part) if isinstance(part, list) and part else {} for part in arguments[0]]]
    if task in ("124", "252"):
        return [*map(float, arguments[:-1]), complex(arguments[-1])]
    if task == "722":
        return [{key: tuple(value) for key, value in arguments[0].items()}, *arguments[1:]]
    if task in ["106", "750"]:
        return [arguments[0], tuple(arguments[1])]
    if task in ["250", "405", "446", "617", "720", "763", "808", "307"]:
        return [tuple(arguments[0]), *arguments[1:]]
    if task in ["259", "401", "445"]:
        return [tuple(map(tuple, part)) for part in arguments]
    if task == "278":
        return [tuple(tuple(part) if isinstance(part, list) else part for part in arguments[0])]
    for depth, tasks in _TUPLES.items():
        if task in tasks.split():
            return [_tuples(part, depth) for part in arguments]
    return arguments


def _tuples(value: Any, depth: int) -> Any:
    """Lists as tuples: all of them at depth 0, else those ``depth - 1`` lists below an argument."""
    if not isinstance(value, list):
        return value
    if depth == 0:
        return tuple(_tuples(part, 0) for part in value)
    return tuple(value) if depth == 1 else [_tuples(part, depth - 1) for part in value]
