"""HumanEval+, MBPP+ and sanitized MBPP on their real rows: scores are as planted.

Of every problem one program is right, one is right on the base inputs alone, and one is wrong. By default a
few problems of each; with ASTRAIOS_RAY_ALL_TESTS all.
"""

import gzip
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from astraios_ray.studies.score import Scored, score
from astraios_ray.tasks.evalplus_rows import Arguments, PlusRow, read_human_eval_plus, read_mbpp_plus
from astraios_ray.tasks.mbpp_rows import read_mbpp

ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
DATA = Path(__file__).parents[2].parent / "shared" / "data"
ONE_PROCESS_TASKS = {"Mbpp/255"}  # one answer has 128 million values
SETS: dict[str, tuple[str, Callable[[Path], list[PlusRow]], str, int, int]] = {
    "humaneval_plus": (
        *("humaneval_plus", read_human_eval_plus, "humanevalplus/HumanEvalPlus.jsonl.gz"),
        *(164, 41),
    ),
    "humaneval_plus_mini": (
        *("humaneval_plus", read_human_eval_plus, "humanevalplus/HumanEvalPlus-Mini.jsonl.gz"),
        *(164, 16),
    ),
    "mbpp_plus": ("mbpp_plus", read_mbpp_plus, "mbppplus/MbppPlus-v0.1.0.jsonl.gz", 399, 57),
}
_WRONG = """
from math import inf, nan
_names = {{}}
exec({program!r}, _names)  # a reference may call itself
def {entry_point}(*arguments):
    is_right = list(arguments) in {right_on!r}
    right = _names[{entry_point!r}](*arguments)
    return right if is_right else [None] if right is None else None
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason=f"no real benchmark data at {DATA}"),
]


def scored(
    evaluator: str, folder: Path, rows: Path, programs: Sequence[tuple[str, Sequence[str]]], **options: str
) -> Scored:
    """The score of programs, which a file gives in the form of evalplus."""
    generations = folder / "samples.jsonl"
    lines = [{"task_id": task, "solution": text} for task, texts in programs for text in texts]
    generations.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return score(evaluator, generations, data=str(rows), options=options, jobs=2)


def wrong(program: str, entry_point: str, right_on: Sequence[Arguments] = ()) -> str:
    """A program that is wrong on all inputs but a few."""
    return _WRONG.format(program=program, entry_point=entry_point, right_on=[*map(list, right_on)])


def planted(row: PlusRow) -> list[str]:
    """A right program, one that fails off the base inputs, and one that fails on all."""
    return [
        row.program,
        *(wrong(row.program, row.entry_point, inputs) for inputs in (row.base, ())),
    ]


def has_more_than_base(row: PlusRow) -> bool:
    base = [list(arguments) for arguments in row.base]
    return any(list(arguments) not in base for arguments in row.plus)


@pytest.mark.parametrize("name", SETS)
def test_base_and_plus_scores_are_as_planted(name: str, tmp_path: Path) -> None:
    evaluator, read, file, count, step = SETS[name]
    lines = gzip.decompress((DATA / file).read_bytes()).splitlines(keepends=True)
    assert len(lines) == count
    data = tmp_path / "rows.jsonl"
    data.write_bytes(b"".join(lines[:: 1 if ALL else step]))
    rows = read(data)
    result = scored(evaluator, tmp_path, data, [(row.task_id, planted(row)) for row in rows]).score
    right = {row.task_id: (1 if has_more_than_base(row) else 2) / 3 for row in rows}
    assert result.solved == right
    assert result.metrics["pass_at_1"] == pytest.approx(sum(right.values()) / len(right))
    assert result.metrics["base_pass_at_1"] == pytest.approx(2 / 3)
    assert (result.unscored, result.unsupported) == (0, 0)
    assert set(result.one_process) <= ONE_PROCESS_TASKS


def test_every_program_of_sanitized_mbpp_passes_and_another_does_not(tmp_path: Path) -> None:
    records: list[Any] = json.loads(gzip.decompress((DATA / "mbpp/sanitized-mbpp.json.gz").read_bytes()))
    assert len(records) == 427
    data = tmp_path / "rows.json"
    data.write_text(json.dumps(records[:: 1 if ALL else 20]))
    rows = read_mbpp(data)
    programs = [(f"mbpp/{row.number}", [row.program, wrong(row.program, row.entry_point)]) for row in rows]
    result = scored("mbpp", tmp_path, data, programs, subset="all").score
    assert result.solved == {task: 1 / 2 for task, _ in programs}
    assert (result.unscored, result.one_process) == (0, ())
