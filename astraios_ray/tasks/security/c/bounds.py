"""CWE-125, CWE-119, CWE-787: access to an element outside of an array."""

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import code_of, finding_at, name_of, number, variables
from astraios_ray.tasks.security.c.comparisons import Linear, linear, lower, upper
from astraios_ray.tasks.security.c.flow import Facts, places
from astraios_ray.tasks.security.c.sizes import UNKNOWN, rooms
from astraios_ray.tasks.security.c_unit import Unit
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.rules import C_RULES

_UNSIGNED = {"unsigned", "size_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t"}


@C_RULES.add("cwe_125_mitre-eg-1")
@C_RULES.add("cwe_125_my-1")
@C_RULES.add("cwe_125_my-2")
@C_RULES.add("cwe-119_mitre-eg-3")
def index_out_of_bounds(unit: Unit) -> list[Finding]:
    """An index that no condition keeps at 0 or more and below the array's length.

    When the length is known the bound must fit it; otherwise any strict upper bound is enough. Strings are
    left out, since a character marks their end.
    """
    rooms_by_name, unsigned = rooms(unit.tree), _unsigned(unit.tree)
    return [
        finding_at(node, f"{name}[{code_of(index)}] is not kept in bounds")
        for function in unit.functions()
        for node, facts in places(function)
        for name, index in _access(node)
        if (room := rooms_by_name.get(name, UNKNOWN)).bytes_each != 1
        and not _inside(index, facts, room.count, unsigned)
    ]


def _access(node: c_ast.Node) -> list[tuple[str, c_ast.Node]]:
    """The array and the index of ``a[i]`` and ``*(a + i)``."""
    match node:
        case c_ast.ArrayRef(name=c_ast.ID(name=name)):
            return [(name, node.subscript)]
        case c_ast.UnaryOp(op="*", expr=c_ast.BinaryOp(op="+", left=c_ast.ID(name=name))):
            return [(name, node.expr.right)]
    return []


def _inside(index: c_ast.Node, facts: Facts, count: int | None, unsigned: set[str]) -> bool:
    if isinstance(index, c_ast.BinaryOp) and index.op == "%":
        divisor = number(index.right)
        fits = divisor is None or count is None or divisor <= count
        return fits and (name_of(index.left) in unsigned or _from_below(linear(index.left), facts, unsigned))
    value = number(index)
    if value is not None:
        return value >= 0 and (count is None or value < count)
    place = linear(index)
    return _from_below(place, facts, unsigned) and _from_above(place, facts, count)


def _from_below(place: Linear, facts: Facts, unsigned: set[str]) -> bool:
    if place.base in unsigned and place.offset >= 0:
        return True
    bounds = [bound for fact in facts if fact.subject == place.base if (bound := lower(fact))]
    return any(bound.base or bound.offset + place.offset >= 0 for bound in bounds)


def _from_above(place: Linear, facts: Facts, count: int | None) -> bool:
    bounds = [bound for fact in facts if fact.subject == place.base if (bound := upper(fact))]
    return any(_fits(Linear(bound.base, bound.offset + place.offset), count) for bound in bounds)


def _fits(greatest: Linear, count: int | None) -> bool:
    if greatest.base:
        return greatest.offset < 0  # below a length that the program computes
    return count is None or greatest.offset < count


def _unsigned(tree: c_ast.Node) -> set[str]:
    return {name for name, words in variables(tree) if words & _UNSIGNED}
