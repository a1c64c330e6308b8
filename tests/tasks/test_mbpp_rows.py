"""Rows of sanitized MBPP, and which of them are asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.tasks.mbpp_rows import read_mbpp

ROW: dict[str, Any] = {
    "task_id": 11,
    "prompt": "Double a number.",
    "code": "def helper(x):\n    return x\n\ndef twice(x):\n    return helper(x) * 2\n",
    "test_imports": ["import math"],
    "test_list": ["assert twice(1) == 2", "assert math.isclose(twice(2), 4)"],
}


def file_of(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "sanitized-mbpp.json"
    path.write_text(json.dumps(rows))
    return path


def test_the_function_is_the_one_that_the_tests_call(tmp_path: Path) -> None:
    (row,) = read_mbpp(file_of(tmp_path, ROW))
    assert (row.number, row.entry_point, row.imports) == (11, "twice", ["import math"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"task_id": "11"}, "'task_id' must be a whole number, found text"),
        ({"test_list": []}, "'test_list' is empty"),
        ({"test_imports": None}, "'test_imports' must be a list of texts"),
        ({"code": "twice = abs"}, "the tests must call one function of 'code', found none"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_with_its_place(
    change: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    path = file_of(tmp_path, ROW, {**ROW, "task_id": 12, **change})
    with pytest.raises(DataError) as error:
        read_mbpp(path)
    assert str(error.value).startswith(f"{path}:2: {reason}")


def test_a_task_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="task_id 11 stands twice"):
        read_mbpp(file_of(tmp_path, ROW, ROW))


def test_the_test_rows_are_asked_or_all(tmp_path: Path) -> None:
    path = file_of(tmp_path, *({**ROW, "task_id": number} for number in (2, 11, 510, 511)))
    for subset, numbers in (("test", [11, 510]), ("all", [2, 11, 510, 511])):
        problems = load_evaluator(f"mbpp?subset={subset}&data={path}").problems()
        assert [problem.id for problem in problems] == [f"mbpp/{number}" for number in numbers]


def test_all_rows_need_a_file() -> None:
    with pytest.raises(ConfigError, match=r"Give the file sanitized-mbpp\.json"):
        load_evaluator("mbpp?subset=all").problems()


def test_the_prompts_are_the_papers_and_incoders(tmp_path: Path) -> None:
    path = file_of(tmp_path, ROW)
    instruct, complete = (
        load_evaluator(f"mbpp?ask={ask}&data={path}").problems()[0].prompt for ask in ("instruct", "complete")
    )
    assert instruct == (
        "Question: You are an expert Python programmer, and here is your task: Double a number. Your code "
        "should pass these tests:\n\nassert twice(1) == 2\nassert math.isclose(twice(2), 4)\n\n"
        "Answer:\n```python"
    )
    assert complete == '"""\nDouble a number.\nassert twice(1) == 2\n"""'
