"""Every expression of a C function with the comparisons that hold where it is evaluated.

Conditions that surround it, conditions after which the function left, and constants that were assigned;
what an assignment, ``++`` or a call that gets ``&x`` makes untrue is forgotten. ``goto`` is not followed.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import name_of, number, shown, walk
from astraios_ray.tasks.security.c.comparisons import Known, linear, said

Facts: TypeAlias = frozenset[Known]
Place: TypeAlias = tuple[c_ast.Node, Facts]

_LEAVES = ("exit", "_exit", "abort", "err", "errx", "quick_exit")
_NOTHING: Facts = frozenset()
_WORD = re.compile(r"[A-Za-z_]\w*")


def places(function: c_ast.FuncDef) -> list[Place]:
    """All expressions and parts of expressions, with what holds there."""
    walker = _Walker()
    walker.statement(function.body, _NOTHING)
    return walker.places


class _Walker:
    def __init__(self) -> None:
        self.places = list[Place]()
        self._breaks = [list[Facts]()]  # of each loop or switch that is open: what held where it was left

    def statement(self, node: c_ast.Node | None, facts: Facts) -> Facts | None:
        """What holds behind it; None when what follows is not reached."""
        match node:
            case None:
                return facts
            case c_ast.Compound():
                return self._in_order(node.block_items or [], facts)
            case c_ast.If():
                return self._if(node, facts)
            case c_ast.While():
                return self._loop(node, node.cond, facts)
            case c_ast.For():
                return self._loop(node, node.cond, self._known(self.statement(node.init, facts)))
            case c_ast.DoWhile():
                return self._loop(node, None, facts)
            case c_ast.Switch():
                self.expression(node.cond, facts)
                self._body(node.stmt, facts)
                return _changed(facts, node)
            case c_ast.Case() | c_ast.Default():
                self._in_order(node.stmts or [], facts)
                return facts
            case c_ast.Label():
                return self.statement(node.stmt, _NOTHING)
            case c_ast.Return():
                self.expression(node.expr, facts)
                return None
            case c_ast.Break():
                self._breaks[-1].append(facts)
                return None
            case c_ast.Continue() | c_ast.Goto():
                return None
            case c_ast.DeclList():
                return self._in_order(node.decls, facts)
            case c_ast.Decl():
                return self._declared(node, facts)
        return self._evaluated(node, facts)

    def expression(self, node: c_ast.Node | None, facts: Facts) -> None:
        """Note an expression; the right side of && and || is evaluated only when the left allows it."""
        if node is None:
            return
        self.places.append((node, facts))
        match node:
            case c_ast.BinaryOp(op="&&" | "||"):
                self.expression(node.left, facts)
                self.expression(node.right, facts | set(said(node.left, node.op == "&&")))
            case c_ast.TernaryOp():
                self.expression(node.cond, facts)
                self.expression(node.iftrue, facts | set(said(node.cond, True)))
                self.expression(node.iffalse, facts | set(said(node.cond, False)))
            case _:
                for child in node:
                    self.expression(child, facts)

    def _in_order(self, nodes: Iterable[c_ast.Node], facts: Facts) -> Facts | None:
        here: Facts | None = facts
        for node in nodes:
            here = self.statement(node, self._known(here))
        return here

    def _known(self, facts: Facts | None) -> Facts:
        return _NOTHING if facts is None else facts

    def _if(self, node: c_ast.If, facts: Facts) -> Facts | None:
        self.expression(node.cond, facts)
        facts = _changed(facts, node.cond)
        one = self.statement(node.iftrue, facts | set(said(node.cond, True)))
        other = self.statement(node.iffalse, facts | set(said(node.cond, False)))
        if one is None or other is None:
            return other if one is None else one
        return one & other

    def _loop(
        self, node: c_ast.While | c_ast.For | c_ast.DoWhile, condition: c_ast.Node | None, facts: Facts
    ) -> Facts:
        """``condition`` is asked before the body, a ``do``'s own behind it."""
        again = (node.stmt, node.cond, getattr(node, "next", None))  # a for's first part runs once
        around = _changed(facts, c_ast.Compound([part for part in again if part is not None]))
        self.expression(condition, around)
        after, left = self._body(node.stmt, around | set(said(condition, True)) if condition else around)
        if isinstance(node, c_ast.For):
            self.statement(node.next, self._known(after))
        if isinstance(node, c_ast.DoWhile):
            condition = node.cond
            self.expression(condition, self._known(after))
        if condition is not None and not number(condition):
            left.append(around | set(said(condition, False)))
        return left[0].intersection(*left) if left else around

    def _body(self, node: c_ast.Node, facts: Facts) -> tuple[Facts | None, list[Facts]]:
        """What holds at its end, and where it is left by ``break``."""
        self._breaks.append([])
        return self.statement(node, facts), self._breaks.pop()

    def _declared(self, node: c_ast.Decl, facts: Facts) -> Facts:
        if node.init is None:
            return facts
        self.expression(node.init, facts)
        return _changed(facts, node.init) | _given(node.name, node.init)

    def _evaluated(self, node: c_ast.Node, facts: Facts) -> Facts | None:
        self.expression(node, facts)
        if isinstance(node, c_ast.FuncCall) and name_of(node.name) in _LEAVES:
            return None
        after = _changed(facts, node)
        if isinstance(node, c_ast.Assignment) and node.op == "=":
            return after | _given(shown(node.lvalue), node.rvalue)
        return after


def _given(name: str, value: c_ast.Node) -> Facts:
    constant = number(value)
    return _NOTHING if constant is None else frozenset({Known(name, "==", linear(value))})


def _changed(facts: Facts, node: c_ast.Node) -> Facts:
    """The facts that still hold after ``node``, a loop's body as often as it runs."""
    ways: dict[str, set[str]] = {}
    for name, way in _changes(node):
        ways.setdefault(name, set()).add(way)
    return frozenset(kept for known in facts for kept in _still(known, ways))


def _still(known: Known, ways: dict[str, set[str]]) -> Iterator[Known]:
    """The comparison, or what is left of it."""
    if any(name in ways for name in _WORD.findall(known.bound.base)):
        return
    if known.subject not in ways:
        if not any(name in ways for name in _WORD.findall(known.subject)):
            yield known
    elif ways[known.subject] == {"up"} and known.op in (">", ">=", "=="):
        yield Known(known.subject, ">=" if known.op == "==" else known.op, known.bound)
    elif ways[known.subject] == {"down"} and known.op in ("<", "<=", "=="):
        yield Known(known.subject, "<=" if known.op == "==" else known.op, known.bound)


def _changes(node: c_ast.Node) -> Iterator[tuple[str, str]]:
    """Names that are given other values, and whether those are greater (up), less (down) or any."""
    for part in walk(node):
        match part:
            case c_ast.UnaryOp(op="++" | "p++" | "--" | "p--"):
                yield shown(part.expr), "up" if "+" in part.op else "down"
            case c_ast.Assignment(op="+=" | "-=") if (number(part.rvalue) or 0) > 0:
                yield shown(part.lvalue), "up" if part.op == "+=" else "down"
            case c_ast.Assignment():
                yield shown(part.lvalue), "any"
            case c_ast.Decl() if part.init is not None:
                yield part.name, "any"
            case c_ast.FuncCall() if part.args:
                for argument in part.args.exprs:
                    if isinstance(argument, c_ast.UnaryOp) and argument.op == "&":
                        yield shown(argument.expr), "any"
