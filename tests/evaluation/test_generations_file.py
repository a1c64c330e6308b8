"""Files of generations in every layout, and every error of such a file."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from astraios_ray.errors import DataError
from astraios_ray.evaluation.generations_file import in_order, read_generations
from astraios_ray.records import Completion

IDS = ["a", "b", "c"]


def file_of(folder: Path, content: Any, name: str = "g.json") -> Path:
    path = folder / name
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def read(
    folder: Path, content: Any, name: str = "g.json", limit: int | None = None, **options: Any
) -> list[Completion]:
    return in_order(read_generations(file_of(folder, content, name), limit), IDS, **options)


@pytest.mark.parametrize("name", ["g.json", "g.json.gz"])
def test_rows_stand_in_the_order_of_the_problems(tmp_path: Path, name: str) -> None:
    completions = read(tmp_path, [["a0", "a1"], ["b0", "b1"], ["c0", "c1"]], name, whole_programs=True)
    assert completions == [Completion(p, n, f"{p}{n}", True) for p in IDS for n in (0, 1)]


def test_one_row_per_sample_follows_the_problems_too(tmp_path: Path) -> None:
    rows = [[f"{problem}{n}"] for problem in IDS for n in (0, 1)]
    completions = read(tmp_path, rows, one_row_per_sample=True)
    assert completions == [Completion(p, n, f"{p}{n}") for p in IDS for n in (0, 1)]


@pytest.mark.parametrize("rows", [3, 2])
def test_a_limit_asks_for_the_first_problems_of_a_whole_file_or_of_a_part(tmp_path: Path, rows: int) -> None:
    completions = read(tmp_path, [["a"], ["b"], ["c"]][:rows], limit=2)
    assert [item.problem for item in completions] == ["a", "b"]


@pytest.mark.parametrize("rows", [6, 4])
def test_a_limit_counts_problems_and_not_samples(tmp_path: Path, rows: int) -> None:
    content = [[f"{problem}{n}"] for problem in IDS for n in (0, 1)][:rows]
    completions = read(tmp_path, content, limit=2, one_row_per_sample=True)
    assert [item.text for item in completions] == ["a0", "a1", "b0", "b1"]


def test_rows_with_ids_may_come_in_any_order_and_in_the_forms_of_others(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"task_id": "c", "completion": "c0"},
        {"problem": "b", "sample": 0, "text": "b0", "whole": True},
        {"id": "a", "generation": "a0"},
    ]
    right = [Completion("a", 0, "a0"), Completion("b", 0, "b0", True), Completion("c", 0, "c0")]
    assert read(tmp_path, rows) == right
    assert read(tmp_path, lines(*rows), "g.jsonl") == right
    assert read(tmp_path, lines(*rows), "g.jsonl.gz") == right


@pytest.mark.parametrize(
    "content",
    [
        [{"task_id": problem, "solution": f"{problem}{n}"} for n in (0, 1) for problem in IDS],
        {problem: [f"{problem}0", f"{problem}1"] for problem in IDS},
        [{"question_id": problem, "code_list": [f"{problem}0", f"{problem}1"]} for problem in IDS],
    ],
    ids=["evalplus", "cruxeval", "livecodebench"],
)
def test_whole_programs_in_the_form_of_a_benchmark_are_read(content: Any, tmp_path: Path) -> None:
    assert read(tmp_path, content) == [Completion(p, n, f"{p}{n}", True) for p in IDS for n in (0, 1)]


def test_rows_of_one_problem_without_numbers_are_counted(tmp_path: Path) -> None:
    rows = [{"task_id": p, "completion": f"{p}{n}"} for n in (0, 1) for p in IDS]
    assert read(tmp_path, rows) == [Completion(p, n, f"{p}{n}") for p in IDS for n in (0, 1)]


BAD: dict[str, tuple[Any, str]] = {
    "too few rows": ([["a"], ["b"]], "has 2 rows, expected one for each of 3 problems"),
    "another number of samples": ([["a", "x"], ["b"], ["c", "z"]], "row 2: has 1 samples, expected 2"),
    "no text": ([["a"], [7], ["c"]], "row 2, sample 1: found a number, expected text"),
    "no list": ([["a"], "b", ["c"]], "row 2: found text, expected a list of samples"),
    "an empty list": ([["a"], [], ["c"]], "row 2: found an empty list"),
    "nothing": ([], "holds no generations"),
    "no rows at all": ({"a": "b"}, "found an object, expected a list"),
    "no JSON": ("[[", "is no JSON"),
    "a missing key": ([{"task_id": "a"}], "row 1: 'text' or 'completion' or 'generation' or 'solution' is"),
    "an unknown id": ([{"id": "z", "text": ""}], "row 1: there is no problem 'z'"),
    "an id twice": (
        [{"id": i, "sample": 0, "text": ""} for i in ("a", "b", "c", "a")],
        "row 4: problem 'a' has a sample 0 already",
    ),
    "a missing problem": (
        [{"id": i, "text": ""} for i in ("a", "b")],
        "problem 'c' has 0 samples, others have 1",
    ),
    "a number for an id": ([{"id": 3, "text": ""}], "row 1: 'id' must be text, found a number"),
    "a text for a sample": ([{"id": "a", "sample": "0", "text": ""}], "'sample' must be a whole number"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_told_with_its_row(case: str, tmp_path: Path) -> None:
    content, reason = BAD[case]
    with pytest.raises(DataError) as error:
        read(tmp_path, content)
    assert reason in str(error.value)
    assert str(tmp_path / "g.json") in str(error.value)


def test_a_broken_line_of_jsonl_is_told_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="row 2: found no JSON"):
        read(tmp_path, lines({"id": "a", "text": ""}) + "{\n", "g.jsonl")


def test_all_bad_rows_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, [[1], ["b"], [2]])
    assert str(error.value).count("expected text") == 2


def test_rows_that_are_no_multiple_of_the_problems_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has 4 rows, expected a multiple of 3"):
        read(tmp_path, [["x"]] * 4, one_row_per_sample=True)


def test_a_truncated_gzip_file_is_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path, [["a"], ["b"], ["c"]], "g.json.gz")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match=r"g.json.gz: cannot be read: .*end"):
        read_generations(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.json: cannot be read"):
        read_generations(tmp_path / "none.json")
