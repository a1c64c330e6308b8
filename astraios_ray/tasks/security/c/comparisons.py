"""The bounds on values that the conditions of a C program imply."""

from collections.abc import Iterator
from dataclasses import dataclass

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import code_of, number

_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True)
class Linear:
    """``base + offset``; a constant has an empty base."""

    base: str
    offset: int


@dataclass(frozen=True)
class Comparison:
    """The fact that ``subject op bound`` holds."""

    subject: str
    op: str
    bound: Linear


def linear(node: c_ast.Node) -> Linear:
    """An expression as a base plus a constant."""
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
    return Linear(code_of(node), 0)


def comparisons_of(condition: c_ast.Node, holds: bool) -> Iterator[Comparison]:
    """The comparisons that hold when ``condition`` has the truth value ``holds``."""
    match condition:
        case c_ast.BinaryOp(op="&&") if holds:
            yield from (*comparisons_of(condition.left, True), *comparisons_of(condition.right, True))
        case c_ast.BinaryOp(op="||") if not holds:
            yield from (*comparisons_of(condition.left, False), *comparisons_of(condition.right, False))
        case c_ast.UnaryOp(op="!"):
            yield from comparisons_of(condition.expr, not holds)
        case c_ast.BinaryOp(op=op) if op in _NEGATED:
            right_op = op if holds else _NEGATED[op]
            yield from _in_both_directions(condition.left, right_op, condition.right)
        case c_ast.BinaryOp() | c_ast.Constant():
            return
        case _:
            yield Comparison(code_of(condition), "!=" if holds else "==", Linear("", 0))


def _in_both_directions(left: c_ast.Node, op: str, right: c_ast.Node) -> Iterator[Comparison]:
    for subject, relation, bound in ((left, op, right), (right, _MIRRORED[op], left)):
        of, limit = linear(subject), linear(bound)
        if of.base:
            yield Comparison(of.base, relation, Linear(limit.base, limit.offset - of.offset))


def upper(comparison: Comparison) -> Linear | None:
    """The greatest value that the subject can have by this comparison."""
    if comparison.op in ("<=", "=="):
        return comparison.bound
    return Linear(comparison.bound.base, comparison.bound.offset - 1) if comparison.op == "<" else None


def lower(comparison: Comparison) -> Linear | None:
    """The least value that the subject can have by this comparison."""
    if comparison.op in (">=", "=="):
        return comparison.bound
    return Linear(comparison.bound.base, comparison.bound.offset + 1) if comparison.op == ">" else None
