"""``builtin:primer``: instruction rows in the columns of CommitPackFT (write, fix, explain)."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from astraios_ray.embedded.drawn_functions import Function, draw
from astraios_ray.embedded.families import FAMILIES

ROWS_SEED = 20240102
ROWS = 3000
TASKS = ("write", "write", "write", "fix", "explain")  # three rows in five ask for a function


@dataclass(frozen=True)
class PrimerRow:
    """One instruction. As a prompt it reads ``subject``, a line end, ``old_contents``."""

    task: str  # write | fix | explain
    family: str
    subject: str
    old_contents: str
    new_contents: str

    @property
    def prompt(self) -> str:
        """What is asked, as the paper puts a commit's subject and old contents together."""
        return f"{self.subject}\n{self.old_contents}"

    @property
    def completion(self) -> str:
        """What is to be answered."""
        return self.new_contents


def primer_rows(count: int = ROWS, seed: int = ROWS_SEED) -> Iterator[PrimerRow]:
    """``count`` rows over every family that is not held out; the same for the same seed."""
    rng = random.Random(seed)
    families = [family for family in FAMILIES if family.in_rows]
    for _ in range(count):
        function = draw(rng.choice(families), rng, reserved=False)
        yield _row(rng.choice(TASKS), function, rng)


def write_subject(function: Function) -> str:
    """The first line of an instruction to write ``function``, in HumanEvalPack's words."""
    signature = f"{function.name}({function.parameter})"
    return f"Write a Python function `{signature}` to solve the following problem:"


def _row(task: str, function: Function, rng: random.Random) -> PrimerRow:
    request = function.fill(rng.choice(function.family.requests))
    name = function.family.name
    if task == "write":
        return PrimerRow(task, name, write_subject(function), request, function.source)
    if task == "explain":
        return PrimerRow(task, name, f"Explain the function {function.name}.", function.source, request)
    bug = function.indented(rng.choice(function.family.bugs))
    return PrimerRow(
        task,
        name,
        f"Fix bugs in {function.name}. {request}",
        f"{function.declaration}\n{bug}",
        function.source,
    )
