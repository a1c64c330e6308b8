"""CWE-787: a loop that goes back over blanks and does not stop at the start of the text."""

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import code_of, finding_at, names, walk
from astraios_ray.tasks.security.c.comparisons import comparisons_of, lower
from astraios_ray.tasks.security.c_unit import Unit
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.rules import C_RULES


@C_RULES.add("cwe_787_mitre-eg-5")
def trimming_without_end(unit: Unit) -> list[Finding]:
    """A loop that counts an index down while the character there is blank, without a lower bound."""
    loops = [part for part in walk(unit.tree) if isinstance(part, c_ast.While | c_ast.For | c_ast.DoWhile)]
    return [
        finding_at(loop, f"{name} goes below the text where all letters are blank")
        for loop in loops
        if loop.cond is not None
        for name in sorted(_counted_down(loop) & _places_read(loop.cond))
        if not _bounded(name, loop)
    ]


def _counted_down(loop: c_ast.Node) -> set[str]:
    down = set[str]()
    for part in walk(loop):
        match part:
            case c_ast.UnaryOp(op="--" | "p--", expr=c_ast.ID(name=name)):
                down.add(name)
            case c_ast.Assignment(op="-=", lvalue=c_ast.ID(name=name)):
                down.add(name)
            case c_ast.Assignment(op="=", lvalue=c_ast.ID(name=name), rvalue=c_ast.BinaryOp(op="-") as value):
                down |= {name} & names(value)
    return down


def _places_read(condition: c_ast.Node) -> set[str]:
    """Variables that select the character that a condition reads: ``s[n - 1]``, ``*end``, ``*(s + n)``."""
    looked = [
        part.subscript if isinstance(part, c_ast.ArrayRef) else part.expr
        for part in walk(condition)
        if isinstance(part, c_ast.ArrayRef) or (isinstance(part, c_ast.UnaryOp) and part.op == "*")
    ]
    return {name for part in looked for name in names(part)}


def _bounded(name: str, loop: c_ast.Node) -> bool:
    """Whether the loop runs only while ``name`` is above a bound, or ends when it is not."""
    conditions = [loop.cond, *(part.cond for part in walk(loop.stmt) if isinstance(part, c_ast.If))]
    return any(
        (fact.subject == name and (lower(fact) is not None or fact.op == "!="))
        for condition in conditions
        for holds in (True, False)
        for fact in comparisons_of(condition, holds)
    ) or any(f"{name}--" == code_of(part) for condition in conditions for part in _conjuncts(condition))


def _conjuncts(condition: c_ast.Node) -> list[c_ast.Node]:
    """The parts that && joins; ``n-- && …`` stops at zero by itself."""
    if isinstance(condition, c_ast.BinaryOp) and condition.op == "&&":
        return [*_conjuncts(condition.left), *_conjuncts(condition.right)]
    return [condition]
