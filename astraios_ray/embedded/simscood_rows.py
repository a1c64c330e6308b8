"""``builtin:simscood``: rows of SimSCOOD's two tasks, text to code and code refinement, and their problems.

The tasks are CodeXGLUE's (arXiv 2102.04664). The methods are this project's own, and small.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from astraios_ray.embedded.java_methods import FAMILIES, JavaMethod, draw_method

ROWS, ROWS_SEED, PROBLEMS_SEED = 1600, 20240104, 20240105
PER_FAMILY = 3  # problems of each task
TASKS = ("text_to_code", "code_refinement")
KEYS = {"text_to_code": ("nl", "code"), "code_refinement": ("buggy", "fixed")}  # in CodeXGLUE's files
PARAMETERS = ("arg0", "value", "source")


@dataclass(frozen=True)
class SimscoodRow:
    """What a task gives, and what it asks for."""

    task: str
    family: str
    prompt: str
    completion: str


def simscood_rows(count: int = ROWS, seed: int = ROWS_SEED) -> Iterator[SimscoodRow]:
    """``count`` rows, half of them of each task; the same for the same seed."""
    rng = random.Random(seed)
    for number in range(count):
        method = draw_method(rng.choice(FAMILIES), rng, reserved=False)
        yield _row(TASKS[number % len(TASKS)], method, rng)


def simscood_problems(task: str, seed: int = PROBLEMS_SEED) -> Iterator[Mapping[str, str]]:
    """The problems of a task under CodeXGLUE's keys, none of them among the rows; every family in turn."""
    rng, seen = random.Random(seed), set[str]()
    for family in FAMILIES * PER_FAMILY:
        wanted = len(seen) + 1
        while len(seen) < wanted:
            row = _row(task, draw_method(family, rng, reserved=True), rng)
            if row.prompt not in seen:
                yield dict(zip(KEYS[task], (row.prompt, row.completion), strict=True))
            seen.add(row.prompt)


def _row(task: str, method: JavaMethod, rng: random.Random) -> SimscoodRow:
    family = method.family.name
    if task == "text_to_code":
        parameter = rng.choice(PARAMETERS)
        return SimscoodRow(task, family, method.words(parameter), method.source("", "function", parameter))
    buggy, fixed = (method.source("public", "METHOD_1", "VAR_1", wrong=wrong) for wrong in (True, False))
    return SimscoodRow(task, family, buggy, fixed)
