"""One problem in HumanEval's row format, and the places of its function and docstring."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from astraios_ray.errors import DataError
from astraios_ray.python_syntax import NO_PYTHON, syntax_tree
from astraios_ray.tasks.perturbations.source_edits import Edit, Places, edited


@dataclass(frozen=True)
class CodeRow:
    """A problem: a model sees ``prompt``; ``prompt + canonical_solution`` is a right program."""

    task_id: str
    prompt: str
    entry_point: str
    canonical_solution: str
    test: str

    @property
    def program(self) -> str:
        """The reference program."""
        return self.prompt + self.canonical_solution


@dataclass(frozen=True)
class Parts:
    """Places in a program, as character offsets: the function, its docstring, its first statement.

    A docstring begins with its quotes and ends behind them. Without one, ``doc_start`` and ``doc_end`` are
    the start of the first statement.
    """

    function: int
    doc_start: int
    doc_end: int


def parts_of(row: CodeRow) -> Parts:
    """The places of the asked function. Raises DataError when the program is no Python."""
    places, function = Places(row.program), asked_function(row)
    # the first text among the statements, since some functions have an import in front of it
    doc = next((node for node in function.body if _is_text(node)), None)
    start, end = places.span(doc or function.body[0])
    return Parts(places.span(function)[0], start, end if doc else start)


def has_code(row: CodeRow) -> bool:
    """Whether the prompt holds a part of the function's body. Raises DataError for a broken program."""
    return bool(row.prompt[parts_of(row).doc_end :].strip())


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def asked_function(row: CodeRow) -> ast.FunctionDef:
    """The last top-level function with the entry point's name. Raises DataError when there is none."""
    functions = [
        node
        for node in tree_of(row).body
        if isinstance(node, ast.FunctionDef) and node.name == row.entry_point
    ]
    if not functions:
        raise DataError(
            f"{row.task_id}: prompt and canonical_solution define no function {row.entry_point!r}."
        )
    return functions[-1]


def tree_of(row: CodeRow) -> ast.Module:
    """The program's syntax tree. Raises DataError when it is no Python."""
    try:
        return syntax_tree(row.program)
    except NO_PYTHON as error:
        raise DataError(f"{row.task_id}: prompt and canonical_solution are no Python: {error}.") from error


def with_edits(row: CodeRow, edits: Sequence[Edit]) -> CodeRow:
    """The row with its program edited; the border between prompt and solution moves with the edits."""
    program, split = edited(row.program, len(row.prompt), edits)
    return replace(row, prompt=program[:split], canonical_solution=program[split:])
