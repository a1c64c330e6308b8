"""The program in an answer: its code block, and of that what the function asked for needs.

The rule is that of evalplus (evalplus/sanitize.py, arXiv 2305.01210): imports, and the definitions and
assignments that the function uses. So a program's examples and own tests do not run.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import StringIO

from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.postprocess import cut_at_stop
from astraios_ray.python_syntax import NO_PYTHON, syntax_tree
from astraios_ray.records import Completion

FENCE = "\n```"
_MOST_CUTS = 8  # of lines behind a mistake of syntax, as an answer has that broke off
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def program_of(
    completion: Completion, entry_point: str, stop: Sequence[str], continued: str | None = None
) -> Completion:
    """The completion as a whole program: what ``entry_point`` needs up to the first of ``stop``.

    ``continued`` is the prompt that a completion goes on with, from its next line on. Without one the answer
    begins inside a code block. A program that is whole already stays as it is.
    """
    if completion.whole:
        return completion
    text = cut_at_stop(completion.text, stop)
    if continued is not None:
        text = continued + ("" if text.startswith(("\n", "\r")) else "\n") + text
    return replace(completion, text=needed_program(text, entry_point), whole=True)


def programs_of(
    problem: Problem, completions: Sequence[Completion], stop: Sequence[str], continued: str | None
) -> list[Completion]:
    """Each completion as ``program_of`` makes it for the entry point of the problem."""
    return [program_of(item, problem.answer["entry_point"], stop, continued) for item in completions]


def needed_program(text: str, entry_point: str) -> str:
    """The imports of a program, and what ``entry_point`` needs of the rest.

    A text that is no Python, or does not bind ``entry_point``, stays as it is.
    """
    lines = list(StringIO(text, newline=""))  # str.splitlines ends lines where Python's grammar does not
    statements = _statements(lines)
    needed = _reachable(entry_point, statements)
    if entry_point not in {name for statement in statements for name in _bound(statement)}:
        return text
    chosen = [item for item in statements if _is_import(item) or needed.intersection(_bound(item))]
    return "".join(line for statement in chosen for line in _lines_of(statement, lines))


def _statements(lines: Sequence[str]) -> list[ast.stmt]:
    """The top-level statements in front of the first mistake; none where the text is no Python."""
    for _ in range(_MOST_CUTS):
        try:
            return syntax_tree("".join(lines)).body
        except SyntaxError as error:
            lines = lines[: min(error.lineno or 1, len(lines)) - 1]
        except NO_PYTHON:
            break
    return []


def _reachable(entry_point: str, statements: Sequence[ast.stmt]) -> set[str]:
    """The names that ``entry_point`` uses, directly or not, and itself."""
    uses: dict[str, set[str]] = {}
    for statement in statements:
        names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        for name in _bound(statement):
            uses.setdefault(name, set()).update(names)
    reachable, ahead = set[str](), [entry_point]
    while ahead:
        name = ahead.pop()
        if name not in reachable:
            reachable.add(name)
            ahead += uses.get(name, ())
    return reachable


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a definition or an assignment binds."""
    if isinstance(statement, _Definition):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))


def _is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _lines_of(statement: ast.stmt, lines: Sequence[str]) -> Iterator[str]:
    decorators = statement.decorator_list if isinstance(statement, _Definition) else []
    start = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    yield from lines[start - 1 : (statement.end_lineno or start) - 1]
    yield lines[(statement.end_lineno or start) - 1].rstrip("\r\n") + "\n"
