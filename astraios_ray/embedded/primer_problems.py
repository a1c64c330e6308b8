"""The primer's problems, in HumanEvalPack's row format, none of them among the instruction rows."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from astraios_ray.embedded.drawn_functions import Function, draw
from astraios_ray.embedded.families import FAMILIES, FunctionFamily
from astraios_ray.embedded.primer_rows import write_subject
from astraios_ray.embedded.vocabulary import ARGUMENTS

PROBLEMS_SEED = 20240103
PER_FAMILY = 2


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


def primer_problems(per_family: int = PER_FAMILY, seed: int = PROBLEMS_SEED) -> Iterator[PrimerProblem]:
    """``per_family`` different problems of every family; the same for the same seed."""
    rng = random.Random(seed)
    for family in FAMILIES:
        seen: set[tuple[tuple[str, str], ...]] = set()
        while len(seen) < per_family:
            function = draw(family, rng, reserved=True)
            if function.values not in seen:
                request = family.requests[len(seen) % len(family.requests)]
                yield _problem(family, function, function.fill(request), len(seen))
                seen.add(function.values)


def _problem(family: FunctionFamily, function: Function, docstring: str, number: int) -> PrimerProblem:
    signature = f"{function.name}({function.parameter})"
    return PrimerProblem(
        task_id=f"Primer/{family.name}/{number}",
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
