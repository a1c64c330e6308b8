"""Every expression of a C function with the comparisons that hold where it is evaluated.

The facts come from surrounding conditions, from conditions after which the function returns, and from
assigned constants. An assignment, ``++`` or a call that gets ``&x`` ends the facts about its variable.
``goto`` is not followed.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import code_of, name_of, number, walk
from astraios_ray.tasks.security.c.comparisons import Comparison, comparisons_of, linear

Facts: TypeAlias = frozenset[Comparison]
Place: TypeAlias = tuple[c_ast.Node, Facts]

_LEAVES = ("exit", "_exit", "abort", "err", "errx", "quick_exit")
_NO_FACTS: Facts = frozenset()
_WORD = re.compile(r"[A-Za-z_]\w*")


def places(function: c_ast.FuncDef) -> list[Place]:
    """All expressions and their parts, each with the facts that hold there."""
    walker = _Walker()
    walker.statement(function.body, _NO_FACTS)
    return walker.places


class _Walker:
    def __init__(self) -> None:
        self.places = list[Place]()
        self._breaks = [list[Facts]()]  # for each open loop or switch, the facts at each break

    def statement(self, node: c_ast.Node | None, facts: Facts) -> Facts | None:
        """The facts behind the statement; None when the code behind it is not reached."""
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
                return self._loop(node, node.cond, self._or_no_facts(self.statement(node.init, facts)))
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
                return self.statement(node.stmt, _NO_FACTS)
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
        """Record an expression; the right side of && and || has the facts of its left side too."""
        if node is None:
            return
        self.places.append((node, facts))
        match node:
            case c_ast.BinaryOp(op="&&" | "||"):
                self.expression(node.left, facts)
                self.expression(node.right, facts | set(comparisons_of(node.left, node.op == "&&")))
            case c_ast.TernaryOp():
                self.expression(node.cond, facts)
                self.expression(node.iftrue, facts | set(comparisons_of(node.cond, True)))
                self.expression(node.iffalse, facts | set(comparisons_of(node.cond, False)))
            case _:
                for child in node:
                    self.expression(child, facts)

    def _in_order(self, nodes: Iterable[c_ast.Node], facts: Facts) -> Facts | None:
        current: Facts | None = facts
        for node in nodes:
            current = self.statement(node, self._or_no_facts(current))
        return current

    def _or_no_facts(self, facts: Facts | None) -> Facts:
        return _NO_FACTS if facts is None else facts

    def _if(self, node: c_ast.If, facts: Facts) -> Facts | None:
        self.expression(node.cond, facts)
        facts = _changed(facts, node.cond)
        if_true = self.statement(node.iftrue, facts | set(comparisons_of(node.cond, True)))
        if_false = self.statement(node.iffalse, facts | set(comparisons_of(node.cond, False)))
        if if_true is None or if_false is None:
            return if_false if if_true is None else if_true
        return if_true & if_false

    def _loop(
        self, node: c_ast.While | c_ast.For | c_ast.DoWhile, condition: c_ast.Node | None, facts: Facts
    ) -> Facts:
        """The facts behind a loop. ``condition`` is tested before the body, that of ``do`` behind it."""
        loop_parts = (node.stmt, node.cond, getattr(node, "next", None))  # the first part of a for runs once
        around = _changed(facts, c_ast.Compound([part for part in loop_parts if part is not None]))
        self.expression(condition, around)
        end_facts, break_facts = self._body(
            node.stmt, around | set(comparisons_of(condition, True)) if condition else around
        )
        if isinstance(node, c_ast.For):
            self.statement(node.next, self._or_no_facts(end_facts))
        if isinstance(node, c_ast.DoWhile):
            condition = node.cond
            self.expression(condition, self._or_no_facts(end_facts))
        if condition is not None and not number(condition):
            break_facts.append(around | set(comparisons_of(condition, False)))
        return break_facts[0].intersection(*break_facts) if break_facts else around

    def _body(self, node: c_ast.Node, facts: Facts) -> tuple[Facts | None, list[Facts]]:
        """The facts at the end of the body, and the facts at each ``break``."""
        self._breaks.append([])
        return self.statement(node, facts), self._breaks.pop()

    def _declared(self, node: c_ast.Decl, facts: Facts) -> Facts:
        if node.init is None:
            return facts
        self.expression(node.init, facts)
        return _changed(facts, node.init) | _constant_fact(node.name, node.init)

    def _evaluated(self, node: c_ast.Node, facts: Facts) -> Facts | None:
        self.expression(node, facts)
        if isinstance(node, c_ast.FuncCall) and name_of(node.name) in _LEAVES:
            return None
        result = _changed(facts, node)
        if isinstance(node, c_ast.Assignment) and node.op == "=":
            return result | _constant_fact(code_of(node.lvalue), node.rvalue)
        return result


def _constant_fact(name: str, value: c_ast.Node) -> Facts:
    constant = number(value)
    return _NO_FACTS if constant is None else frozenset({Comparison(name, "==", linear(value))})


def _changed(facts: Facts, node: c_ast.Node) -> Facts:
    """The facts that still hold after ``node``, however often a loop runs its body."""
    ways: dict[str, set[str]] = {}
    for name, way in _changes(node):
        ways.setdefault(name, set()).add(way)
    return frozenset(remainder for fact in facts for remainder in _still(fact, ways))


def _still(fact: Comparison, ways: dict[str, set[str]]) -> Iterator[Comparison]:
    """The comparison, a weaker one, or none, after the changes in ``ways``."""
    if any(name in ways for name in _WORD.findall(fact.bound.base)):
        return
    if fact.subject not in ways:
        if not any(name in ways for name in _WORD.findall(fact.subject)):
            yield fact
    elif ways[fact.subject] == {"up"} and fact.op in (">", ">=", "=="):
        yield Comparison(fact.subject, ">=" if fact.op == "==" else fact.op, fact.bound)
    elif ways[fact.subject] == {"down"} and fact.op in ("<", "<=", "=="):
        yield Comparison(fact.subject, "<=" if fact.op == "==" else fact.op, fact.bound)


def _changes(node: c_ast.Node) -> Iterator[tuple[str, str]]:
    """Names that get new values, which are greater (up), less (down) or any."""
    for part in walk(node):
        match part:
            case c_ast.UnaryOp(op="++" | "p++" | "--" | "p--"):
                yield code_of(part.expr), "up" if "+" in part.op else "down"
            case c_ast.Assignment(op="+=" | "-=") if (number(part.rvalue) or 0) > 0:
                yield code_of(part.lvalue), "up" if part.op == "+=" else "down"
            case c_ast.Assignment():
                yield code_of(part.lvalue), "any"
            case c_ast.Decl() if part.init is not None:
                yield part.name, "any"
            case c_ast.FuncCall() if part.args:
                for argument in part.args.exprs:
                    if isinstance(argument, c_ast.UnaryOp) and argument.op == "&":
                        yield code_of(argument.expr), "any"
