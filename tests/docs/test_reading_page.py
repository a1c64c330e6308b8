"""docs/reading-the-code.md: its files and functions exist, and a search walks them in that order."""

import ast
import re
import sys
from pathlib import Path
from types import FrameType

import pytest
import torch

from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.local_backend import LocalBackend
from tests.fakes.backends import conduct, tiny_study, write_model, write_rows

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "astraios_ray"
PAGE = (ROOT / "docs" / "reading-the-code.md").read_text()
STEP = re.compile(r"^\d+\. `([\w./]+\.py):([\w.]+)`", re.MULTILINE)
WALKS = {"a trial": "train", "a completion": "examine"}
IN_JAIL = "sandbox/jail/"  # other processes
NEAR = 5  # files, before the page is to be mended
MOST_LOCAL, MOST_ON_RAY = 18, 25  # files of the walk of a trial

Step = tuple[str, str]  # a file and a function in it


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


class Calls:
    """The functions that are called in a search, in order, by the walk that is under way."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.files: dict[str, set[str]] = {"train": set(), "examine": set()}
        self._steps = {
            (str((PACKAGE / file).resolve()), name): (file, name) for file, name in STEP.findall(PAGE)
        }
        self._walk: str | None = None

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """What ``sys.setprofile`` calls."""
        file, name = frame.f_code.co_filename, frame.f_code.co_qualname
        if event != "call" or not file.startswith(str(ROOT)):
            return
        self._walk = {"LocalBackend.train": "train", "LocalBackend.examine": "examine"}.get(name, self._walk)
        if (file, name) in self._steps:
            self.steps.append(self._steps[file, name])
        if self._walk and file.startswith(str(PACKAGE)):
            self.files[self._walk].add(file)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Calls:
    """Those of a search with one LoRA trial that is scored on two problems."""
    torch.set_num_threads(1)
    inputs, folder = tmp_path_factory.mktemp("inputs"), StudyFolder(tmp_path_factory.mktemp("run"))
    study = tiny_study(
        write_model(inputs / "model"),
        write_rows(inputs / "rows.jsonl"),
        budget={"trials": 1},
        methods={"lora": {"r": 4}},
        evaluate={"tasks": ["primer"], "limit": 2, "samples": 2, "max_new_tokens": 8},
    )
    calls = Calls()
    sys.setprofile(calls)
    try:
        conduct(study, folder, LocalBackend(folder.trials, slots=1, sandbox=Bubblewrap()))
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("walk", list(WALKS))
def test_a_search_on_the_local_backend_takes_the_steps_in_their_order(walk: str, calls: Calls) -> None:
    sequence = iter(calls.steps)
    for step in LOCAL[walk]:
        assert step[0].startswith(IN_JAIL) or step in sequence, f"{step} does not follow"


@pytest.mark.parametrize("walk", list(WALKS))
def test_the_files_are_as_many_as_the_page_says(walk: str, calls: Calls) -> None:
    (row,) = re.findall(rf"^\| {walk} \| (\d+) \| (\d+) \| (\d+) \|", PAGE, re.MULTILINE)
    local, added, measured = (int(number) for number in row)
    files = {file for file, _ in LOCAL[walk]}
    assert local == len(files)
    assert added == len({file for file, _ in ON_RAY[walk]} - files)
    assert abs(measured - len(calls.files[WALKS[walk]])) <= NEAR, len(calls.files[WALKS[walk]])
