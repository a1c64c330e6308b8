"""CWE-89: an SQL statement built from text and values."""

import ast

from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.python.python_reading import (
    argument,
    assigned,
    calls,
    finding_at,
    put_together,
)
from astraios_ray.tasks.security.rules import PYTHON_RULES

_EXECUTES = ("execute", "executemany", "executescript", "raw", "query")


@PYTHON_RULES.add("SqlInjection")
def sql_injection(tree: ast.Module) -> list[Finding]:
    """An executed statement that is joined, formatted or interpolated instead of having parameters."""
    values = assigned(tree)
    return [
        finding_at(call, "an SQL statement with values in its text")
        for call, name in calls(tree)
        if name.rpartition(".")[2] in _EXECUTES and "." in name
        if (statement := argument(call, 0, "query")) is not None and _is_put_together(statement, values)
    ]


def _is_put_together(statement: ast.expr, values: dict[str, list[ast.expr]]) -> bool:
    if isinstance(statement, ast.Call) and statement.args and not put_together(statement):
        return _is_put_together(statement.args[0], values)  # text("…") and similar calls
    if isinstance(statement, ast.Name):
        return any(put_together(value) and not _of_constants(value) for value in values.get(statement.id, []))
    return put_together(statement)


def _of_constants(value: ast.expr) -> bool:
    """Whether a value is only a variable plus a constant: ``query += " WHERE …"``."""
    parts = [part for part in ast.walk(value) if isinstance(part, ast.Name)]
    constant = isinstance(value, ast.BinOp) and isinstance(value.right, ast.Constant)
    return constant and len(parts) == 1 and isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add)
