"""The primer's problems, in HumanEvalPack's row format, none of them among the instruction rows."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from astraios_ray.embedded.drawn_functions import Function, draw
from astraios_ray.embedded.families import FAMILIES, FunctionFamily
from astraios_ray.embedded.primer_rows import write_subject
from astraios_ray.embedded.problem_wordings import wordings
from astraios_ray.embedded.vocabulary import ARGUMENTS

PROBLEMS_SEED = 20240103
PER_WORDING = 2


@dataclass(frozen=True)
class PrimerProblem:
    """One problem; the fields up to ``docstring`` are HumanEvalPack's."""

    task_id: str
    prompt: str
    declaration: str
    canonical_solution: str
    buggy_solution: str
    test: str
    entry_point: str
    signature: str
    instruction: str
    docstring: str
    family: str
    held_out: bool  # no instruction row shows this family


def primer_problems(per_wording: int = PER_WORDING, seed: int = PROBLEMS_SEED) -> list[PrimerProblem]:
    """``per_wording`` problems of every wording of every family; the same for the same seed.

    No two problems of a family do the same. First comes one of each family, so that a few problems are of
    many families.
    """
    rng = random.Random(seed)
    by_place: dict[tuple[int, int], list[PrimerProblem]] = {}
    for family in FAMILIES:
        functions = _functions(family, rng)
        for wording, template in enumerate(wordings(family)):
            for number in range(per_wording):
                problem = _problem(next(functions), template, wording, number)
                by_place.setdefault((number, wording), []).append(problem)
    return [problem for place in sorted(by_place) for problem in by_place[place]]


def _functions(family: FunctionFamily, rng: random.Random) -> Iterator[Function]:
    """Functions of ``family`` that do different things."""
    seen: set[tuple[tuple[str, str], ...]] = set()
    while True:
        function = draw(family, rng, reserved=True)
        if function.values not in seen:
            seen.add(function.values)
            yield function


def _problem(function: Function, template: str, wording: int, number: int) -> PrimerProblem:
    family, docstring = function.family, function.fill(template)
    signature = f"{function.name}({function.parameter})"
    return PrimerProblem(
        task_id=f"Primer/{family.name}/{wording}/{number}",
        prompt=f'{function.declaration}\n    """{docstring}"""\n',
        declaration=f"{function.declaration}\n",
        canonical_solution=f"{function.body}\n",
        buggy_solution=f"{function.indented(family.bugs[number % len(family.bugs)])}\n",
        test=_test(function),
        entry_point=function.name,
        signature=signature,
        instruction=f"{write_subject(function)}\n{docstring}",
        docstring=docstring,
        family=family.name,
        held_out=family.held_out,
    )


def _test(function: Function) -> str:
    """Assertions whose right sides come from running the canonical solution, which is our own text."""
    scope: dict[str, object] = {}
    exec(function.source, scope)
    lines = [
        f"    assert {function.name}({argument}) == {answer!r}"
        for argument, answer in _cases(function, scope)
    ]
    return "\n".join([f"\n\ndef check({function.name}):", *lines, "", f"check({function.name})"])


def _cases(function: Function, scope: dict[str, object]) -> Iterator[tuple[str, object]]:
    """Arguments and answers; those around the function's own constants tell it from its neighbours."""
    near = [int(value) + step for slot, value in function.values if slot != "w" for step in (-1, 0, 1)]
    own = {"number": [str(value) for value in near], "list": [str(near)], "text": []}
    for argument in (*ARGUMENTS[function.family.kind], *own[function.family.kind]):
        yield argument, eval(f"{function.name}({argument})", scope)
