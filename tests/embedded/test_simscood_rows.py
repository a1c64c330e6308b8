"""The rows of SimSCOOD's tasks are the same each time, and none of them is a problem."""

import json
from itertools import islice
from pathlib import Path

import pytest

from astraios_ray.config import content
from astraios_ray.config.read_study import load_study
from astraios_ray.data.regions import fit_region
from astraios_ray.data.row_reader import read_rows
from astraios_ray.embedded.java_methods import FAMILIES
from astraios_ray.embedded.simscood_rows import KEYS, ROWS, TASKS, simscood_problems, simscood_rows
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.records import DataRef, Mask

each_task = pytest.mark.parametrize("task", TASKS)


def test_the_rows_are_the_same_each_time_and_of_every_family_in_both_tasks() -> None:
    rows = list(simscood_rows())
    assert rows == list(simscood_rows())
    assert len(rows) == ROWS
    assert list(islice(simscood_rows(), 20)) == list(simscood_rows(20))
    assert {(row.task, row.family) for row in rows} == {
        (t, family.name) for t in TASKS for family in FAMILIES
    }


@each_task
def test_no_problem_is_a_row_and_each_prompt_has_one_answer(task: str) -> None:
    given, wanted = KEYS[task]
    problems = {row[given]: row[wanted] for row in simscood_problems(task)}
    rows = {(row.prompt, row.completion) for row in simscood_rows() if row.task == task}
    assert len(problems) == 42
    assert not problems.keys() & {prompt for prompt, _ in rows}
    assert len({prompt for prompt, _ in rows}) == len(rows)


@each_task
def test_the_shipped_problems_are_those_of_the_embedded_rows(task: str) -> None:
    file = Path(str(content.resolve("evaluator", task))).parent / "rows" / f"{task}_simscood.jsonl"
    assert [json.loads(line) for line in file.read_text().splitlines()] == list(simscood_problems(task))


@each_task
def test_an_evaluator_asks_them_as_rows_are_trained(task: str) -> None:
    evaluator = load_evaluator(f"{task}?data=builtin:simscood&ask=input")
    given, wanted = KEYS[task]
    for problem, row in zip(evaluator.problems(), simscood_problems(task), strict=True):
        assert problem.prompt == f"Question: {row[given]}\n\nAnswer:"
        assert problem.answer == {"code": row[wanted]}
    assert evaluator.describe() == {"rows": "builtin:simscood"}
    rows = read_rows(DataRef("builtin:simscood"))
    assert (rows[0].prompt, rows[0].completion) == next(
        (row.prompt, row.completion) for row in simscood_rows()
    )


def test_rows_that_are_not_shipped_are_answered_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"'builtin:simscod'\. Known: builtin, builtin:simscood"):
        load_evaluator("text_to_code?data=builtin:simscod").problems()


def test_another_way_of_asking_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"text_to_code: ask: expected instruction or input, found 'rows'"):
        load_evaluator("text_to_code?data=builtin&ask=rows")


REGIONS = {
    "length": load_study("simscood").data_ref().mask,
    "syntax": Mask("syntax", language="java", element="if_statement"),
    "meaning": Mask("meaning", cluster=2),
}


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_of_the_study_has_rows_and_problems_of_both_tasks(region: str) -> None:
    mask = REGIONS[region]
    assert mask
    fitted = fit_region(mask, [row.completion for row in simscood_rows()])
    codes = ([row[KEYS[task][1]] for row in simscood_problems(task)] for task in TASKS)
    inside = [sum(fitted.holds(of_task)) for of_task in codes]
    assert all(3 <= count <= 20 for count in inside)
    assert sum(inside) >= 16  # of 84
