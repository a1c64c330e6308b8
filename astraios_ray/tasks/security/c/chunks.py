"""CWE-787: memory copied by a size that a function returned, which can be -1."""

from pycparser import c_ast

from astraios_ray.tasks.security.c.bounds import index_out_of_bounds
from astraios_ray.tasks.security.c.c_reading import assignments, called, finding_at, name_of, names, walk
from astraios_ray.tasks.security.c.comparisons import lower
from astraios_ray.tasks.security.c.copying import COPIES, copy_of_too_much
from astraios_ray.tasks.security.c.flow import Facts, places
from astraios_ray.tasks.security.c_unit import Unit
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.rules import C_RULES


@C_RULES.add("cwe_787_mitre-eg-2")
def copy_of_chunks(unit: Unit) -> list[Finding]:
    """A copy with a size that can be negative, a copy of too many bytes, or an index out of bounds."""
    local_functions = {function.decl.name for function in unit.functions()}
    returned = {
        name
        for part in walk(unit.tree)
        for name, value in assignments(part)
        if called(value) & local_functions
    }
    unchecked = [
        finding_at(node, "a size that may be -1 becomes a very large one")
        for function in unit.functions()
        for node, facts in places(function)
        if isinstance(node, c_ast.FuncCall) and name_of(node.name) in COPIES
        if node.args and _maybe_negative(node.args.exprs[-1], facts, returned, local_functions)
    ]
    return [*copy_of_too_much(unit), *index_out_of_bounds(unit), *unchecked]


def _maybe_negative(size: c_ast.Node, facts: Facts, returned: set[str], local_functions: set[str]) -> bool:
    positive = {
        fact.subject for fact in facts if (bound := lower(fact)) and (bound.base or bound.offset >= 0)
    }
    return bool(called(size) & local_functions or (names(size) & returned) - positive)
