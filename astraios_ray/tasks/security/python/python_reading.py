"""Read a Python syntax tree: calls, names and constants."""

import ast
import stat
from collections.abc import Iterator

from astraios_ray.tasks.security.finding import Finding


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the full name of what is called.

    ``from yaml import load as read`` makes ``read(x)`` a call of ``yaml.load``; a method of an unknown
    object is ``?.method``.
    """
    imported = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, full_name(node.func, imported)


def full_name(node: ast.expr, imported: dict[str, str]) -> str:
    """``module.attribute`` of a name or an attribute; ``?`` stands for any other expression."""
    if isinstance(node, ast.Name):
        return imported.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{full_name(node.value, imported)}.{node.attr}"
    return "?"


def last_name(node: ast.AST | None) -> str:
    """``attribute`` of ``module.attribute``, or the name alone; empty for any other expression."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of the keyword argument with this name; None without one."""
    return next((item.value for item in call.keywords if item.arg == name), None)


def argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    """The argument at this place or with this name; None without one."""
    return call.args[place] if place < len(call.args) else keyword(call, name)


def text(node: ast.AST | None) -> str | None:
    """The value of a text literal; None for any other node."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def is_true(node: ast.AST | None) -> bool:
    """Whether the node is the literal True."""
    return isinstance(node, ast.Constant) and node.value is True


def whole_number(node: ast.AST | None) -> int | None:
    """The value of a literal, a constant of ``stat``, or both joined by | and +; None for any other node."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.Name | ast.Attribute):
        value = getattr(stat, last_name(node), None)
        return value if type(value) is int else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.Add):
        left, right = whole_number(node.left), whole_number(node.right)
        return None if left is None or right is None else left | right
    return None


def names(node: ast.AST) -> set[str]:
    """All variables that the node reads or binds."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def put_together(node: ast.expr) -> bool:
    """Whether a text is made of a constant and something else: +, %, an f-string, or format()."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return any(
            put_together(side) or not isinstance(side, ast.Constant | ast.JoinedStr)
            for side in (node.left, node.right)
        )
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"


def assigned(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """All values that are assigned to each variable, in any function."""
    values: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AugAssign):
            targets, value = [node.target], ast.BinOp(node.target, node.op, node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                values.setdefault(target.id, []).append(value)
    return values


def finding_at(node: ast.expr | ast.stmt, message: str) -> Finding:
    """A finding at the line of ``node``."""
    return Finding(node.lineno, message)


def _imported(tree: ast.AST) -> dict[str, str]:
    imports: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            imports |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            imports |= {alias.asname: alias.name for alias in node.names if alias.asname}
    return imports
