"""docs/reading-the-code.md: its files and functions exist, and a search walks them in that order."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs import search_calls
from tests.docs.search_calls import PACKAGE, PAGE, ROOT, STEP, Step

Calls = dict[str, Any]  # what ``search_calls`` writes
WALKS = {"a trial": "train", "a completion": "examine"}
IN_JAIL = "sandbox/jail/"  # other processes
NEAR = 5  # files, before the page is to be mended
MOST_LOCAL, MOST_ON_RAY = 18, 25  # files of the walk of a trial


def steps(start: str, end: str) -> list[Step]:
    """The steps between two lines of the page."""
    return STEP.findall(PAGE.partition(start)[2].partition(end)[0])


LOCAL = {
    "a trial": steps("## A trial on the local", "## A completion"),
    "a completion": steps("## A completion", "## What Ray adds"),
}
ON_RAY = {
    "a trial": steps("**A trial.**", "**A completion.**"),
    "a completion": steps("**A completion.**", "## How many"),
}


def functions(path: Path) -> set[str]:
    """The functions and methods of a file, by their qualified names."""
    tree = ast.parse(path.read_text())
    bodies = [("", tree.body)] + [(f"{n.name}.", n.body) for n in tree.body if isinstance(n, ast.ClassDef)]
    return {
        prefix + node.name
        for prefix, body in bodies
        for node in body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize(("file", "function"), sorted(set(STEP.findall(PAGE))))
def test_a_file_and_function_that_is_named_exists(file: str, function: str) -> None:
    assert function in functions(PACKAGE / file)


def test_every_step_is_numbered_in_its_turn() -> None:
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", PAGE, re.MULTILINE)]
    assert len(numbers) == len(STEP.findall(PAGE)) > 60
    for before, number in zip([0, *numbers], numbers, strict=False):
        assert number in (1, before + 1)


def test_a_trial_passes_through_few_files() -> None:
    local, on_ray = ({file for file, _ in walk["a trial"]} for walk in (LOCAL, ON_RAY))
    assert len(local) <= MOST_LOCAL
    assert len(local | on_ray) <= MOST_ON_RAY


@pytest.fixture(scope="module")
def calls() -> Calls:
    """Those of a search in a new process: caches that earlier tests filled would save calls."""
    command = [sys.executable, "-m", search_calls.__name__]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert process.returncode == 0, process.stderr[-3000:]
    return json.loads(process.stdout.splitlines()[-1])  # type: ignore[no-any-return]


@pytest.mark.parametrize("walk", list(WALKS))
def test_a_search_on_the_local_backend_takes_the_steps_in_their_order(walk: str, calls: Calls) -> None:
    sequence = iter([tuple(step) for step in calls["steps"]])
    for step in LOCAL[walk]:
        assert step[0].startswith(IN_JAIL) or step in sequence, f"{step} does not follow"


@pytest.mark.parametrize("walk", list(WALKS))
def test_the_files_are_as_many_as_the_page_says(walk: str, calls: Calls) -> None:
    (row,) = re.findall(rf"^\| {walk} \| (\d+) \| (\d+) \| (\d+) \|", PAGE, re.MULTILINE)
    local, added, measured = (int(number) for number in row)
    files = {file for file, _ in LOCAL[walk]}
    assert local == len(files)
    assert added == len({file for file, _ in ON_RAY[walk]} - files)
    assert abs(measured - calls["files"][WALKS[walk]]) <= NEAR, calls["files"]
