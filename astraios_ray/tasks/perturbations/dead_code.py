"""Syntax: code that never runs is put between two statements."""

import ast
from random import Random

from astraios_ray.python_syntax import syntax_tree
from astraios_ray.tasks.perturbations.naming import ATTEMPTS, is_free
from astraios_ray.tasks.perturbations.row import CodeRow, asked_function, with_edits
from astraios_ray.tasks.perturbations.source_edits import Edit, Places
from astraios_ray.tasks.perturbations.transformation import transformation

_FORMS = (  # as ReCode's released rows have them; {name} is a fresh variable
    ("if False:",),
    ("while False:",),
    ("for {name} in range(0):",),
    ("{name} = 0", "if {name} < {name}:"),
    ("{name} = 0", "while {name} < {name}:"),
)
_NEVER = (  # statements that are not valid everywhere, or that change the meaning of names
    *(ast.Break, ast.Continue, ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
)


@transformation("DeadCodeInserter", "syntax", random=True)
def insert_anywhere(row: CodeRow, random: Random) -> CodeRow:
    """A block that never runs is put in front of some statement of the function in the prompt."""
    places = Places(row.program)
    fronts = [
        (places.line_start(node.lineno), places.indent(node))
        for node in _statements(asked_function(row))
        if places.indent(node) and places.span(node)[0] < len(row.prompt)
    ]
    return _inserted(row, *random.choice(fronts), random) if fronts else row


@transformation("DeadCodeInserterLast", "syntax", random=True)
def insert_last(row: CodeRow, random: Random) -> CodeRow:
    """A block that never runs is put at the end of the prompt."""
    last_line = next((line for line in reversed(row.prompt.splitlines()) if line.strip()), "")
    next_line = next((line for line in row.canonical_solution.splitlines() if line.strip()), "")
    indent = max(_indent(last_line), _indent(next_line), key=len)
    return _inserted(row, len(row.prompt), indent, random)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _inserted(row: CodeRow, place: int, indent: str, random: Random) -> CodeRow:
    """The row with one more block at ``place``, or the unchanged row when no block fits."""
    bodies = [node for node in _statements(asked_function(row)) if _movable(node)]
    name = next((name for _ in range(ATTEMPTS) if is_free(row, name := f"_i_{random.randrange(10)}")), None)
    if not bodies or not name:
        return row
    body = ast.unparse(random.choice(bodies)).splitlines()
    unit = "\t" if indent.startswith("\t") else "    "
    lines = [line.format(name=name) for line in random.choice(_FORMS)]
    block = "".join(f"{indent}{line}\n" for line in [*lines, *(unit + line for line in body)])
    changed = with_edits(row, [Edit(place, place, block)])
    return changed if _parses(changed.program) else row


def _parses(program: str) -> bool:
    """False when the place is not between statements: inside a bracket, or before an else."""
    try:
        syntax_tree(program)
    except SyntaxError:
        return False
    return True


def _statements(function: ast.FunctionDef) -> list[ast.stmt]:
    """The function's statements in order, without its docstring and without bodies of inner functions."""
    statements, stack = list[ast.stmt](), list[ast.AST](function.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt) and not _is_text(node):
            statements.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))
    return sorted(statements, key=lambda node: (node.lineno, node.col_offset))


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _movable(node: ast.stmt) -> bool:
    return not any(isinstance(child, _NEVER) for child in ast.walk(node))
