"""Function: the asked function gets another name."""

import ast
import builtins
import keyword
import re
from collections.abc import Callable
from dataclasses import replace
from random import Random

from astraios_ray.tasks.perturbations.characters import butter_fingers, change_case, swap_characters
from astraios_ray.tasks.perturbations.row import CodeRow, tree_of
from astraios_ray.tasks.perturbations.transformation import transformation

ATTEMPTS = 20  # at a name that is free


@transformation("FuncRenameCamelCase", "function")
def camel_case(row: CodeRow, random: Random) -> CodeRow:
    """snake_case becomes camelCase, and camelCase snake_case."""
    name = row.entry_point
    if "_" in name:
        return renamed(row, re.sub(r"(?<=[^_])_+(\w)", lambda match: match[1].upper(), name))
    return renamed(row, re.sub(r"(?<=.)([A-Z])", lambda match: "_" + match[1].lower(), name))


@transformation("FuncRenameButterFinger", "function", random=True)
def butter_finger(row: CodeRow, random: Random) -> CodeRow:
    """Letters of the name become their neighbours on the keyboard."""
    return _with_slip(row, lambda name: butter_fingers(name, random))


@transformation("FuncRenameSwapChar", "function", random=True)
def swap_char(row: CodeRow, random: Random) -> CodeRow:
    """Neighbouring letters of the name change places."""
    return _with_slip(row, lambda name: swap_characters(name, random))


@transformation("FuncRenameChangeChar", "function", random=True)
def change_char(row: CodeRow, random: Random) -> CodeRow:
    """Letters of the name change their case."""
    return _with_slip(row, lambda name: change_case(name, random))


def _with_slip(row: CodeRow, slip: Callable[[str], str]) -> CodeRow:
    """The row under the first drawn name that is free; the unchanged row when none is."""
    for _ in range(ATTEMPTS):
        name = slip(row.entry_point)
        if name == row.entry_point or is_free(row, name):
            return renamed(row, name)
    return row


def is_free(row: CodeRow, name: str) -> bool:
    """Whether the program, its test and Python do not use a name yet."""
    names = set(re.findall(r"\w+", row.program + row.test))
    return name.isidentifier() and name not in names | set(keyword.kwlist) | set(dir(builtins))


def renamed(row: CodeRow, name: str) -> CodeRow:
    """The row with its function renamed in prompt, solution and test.

    ReCode's released rows keep the old name in solution and test, so problems whose solution calls itself
    or whose test calls the function by name fail there.
    """
    tree_of(row)
    old = re.compile(rf"\b{re.escape(row.entry_point)}\b")
    prompt, solution, test = (old.sub(name, text) for text in (row.prompt, row.canonical_solution, row.test))
    return replace(row, prompt=prompt, entry_point=name, canonical_solution=solution, test=test)


def names_of(row: CodeRow) -> frozenset[str]:
    """Every identifier of the program: variables, functions, types, attributes, modules."""
    names = set[str]()
    for node in ast.walk(tree_of(row)):
        for field in ("id", "name", "arg", "attr", "module"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                names.add(value)
    return frozenset(names)
