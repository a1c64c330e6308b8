"""What the conditions of a C program say of its values, as bounds that can be compared."""

from collections.abc import Iterator
from dataclasses import dataclass

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import number, shown

_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True)
class Linear:
    """``base + offset``; a constant has an empty base."""

    base: str
    offset: int


@dataclass(frozen=True)
class Known:
    """``subject op bound`` holds."""

    subject: str
    op: str
    bound: Linear


def linear(node: c_ast.Node) -> Linear:
    """An expression as a base and a constant that is added to it."""
    value = number(node)
    if value is not None:
        return Linear("", value)
    if isinstance(node, c_ast.Cast):
        return linear(node.expr)
    if isinstance(node, c_ast.BinaryOp) and node.op in "+-":
        right = number(node.right)
        if right is not None:
            left = linear(node.left)
            return Linear(left.base, left.offset + (right if node.op == "+" else -right))
        left_value = number(node.left)
        if left_value is not None and node.op == "+":
            inner = linear(node.right)
            return Linear(inner.base, inner.offset + left_value)
    return Linear(shown(node), 0)


def said(condition: c_ast.Node, holds: bool) -> Iterator[Known]:
    """The comparisons that hold when ``condition`` does, or when it does not."""
    match condition:
        case c_ast.BinaryOp(op="&&") if holds:
            yield from (*said(condition.left, True), *said(condition.right, True))
        case c_ast.BinaryOp(op="||") if not holds:
            yield from (*said(condition.left, False), *said(condition.right, False))
        case c_ast.UnaryOp(op="!"):
            yield from said(condition.expr, not holds)
        case c_ast.BinaryOp(op=op) if op in _NEGATED:
            right_op = op if holds else _NEGATED[op]
            yield from _both(condition.left, right_op, condition.right)
        case c_ast.BinaryOp() | c_ast.Constant():
            return
        case _:
            yield Known(shown(condition), "!=" if holds else "==", Linear("", 0))


def _both(left: c_ast.Node, op: str, right: c_ast.Node) -> Iterator[Known]:
    for subject, relation, bound in ((left, op, right), (right, _MIRRORED[op], left)):
        of, limit = linear(subject), linear(bound)
        if of.base:
            yield Known(of.base, relation, Linear(limit.base, limit.offset - of.offset))


def upper(known: Known) -> Linear | None:
    """The greatest value that the subject can have by this comparison."""
    if known.op in ("<=", "=="):
        return known.bound
    return Linear(known.bound.base, known.bound.offset - 1) if known.op == "<" else None


def lower(known: Known) -> Linear | None:
    """The least value that the subject can have by this comparison."""
    if known.op in (">=", "=="):
        return known.bound
    return Linear(known.bound.base, known.bound.offset + 1) if known.op == ">" else None
