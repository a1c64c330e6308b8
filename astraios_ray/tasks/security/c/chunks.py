"""CWE-787: a chunk of memory copied by a size that a function returned, -1 when it could not tell."""

from pycparser import c_ast

from astraios_ray.tasks.security.c.bounds import index_out_of_bounds
from astraios_ray.tasks.security.c.c_reading import assignments, called, found, name_of, names, walk
from astraios_ray.tasks.security.c.comparisons import lower
from astraios_ray.tasks.security.c.copying import COPIES, copy_of_too_much
from astraios_ray.tasks.security.c.flow import Facts, places
from astraios_ray.tasks.security.c_unit import Unit
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.rules import C_RULES


@C_RULES.add("cwe_787_mitre-eg-2")
def copy_of_chunks(unit: Unit) -> list[Finding]:
    """Such a size that nothing kept from being negative, too many bytes, or an index out of bounds."""
    own = {function.decl.name for function in unit.functions()}
    returned = {name for part in walk(unit.tree) for name, value in assignments(part) if called(value) & own}
    unchecked = [
        found(node, "a size that may be -1 becomes a very large one")
        for function in unit.functions()
        for node, facts in places(function)
        if isinstance(node, c_ast.FuncCall) and name_of(node.name) in COPIES
        if node.args and _maybe_negative(node.args.exprs[-1], facts, returned, own)
    ]
    return [*copy_of_too_much(unit), *index_out_of_bounds(unit), *unchecked]


def _maybe_negative(size: c_ast.Node, facts: Facts, returned: set[str], own: set[str]) -> bool:
    positive = {
        known.subject for known in facts if (bound := lower(known)) and (bound.base or bound.offset >= 0)
    }
    return bool(called(size) & own or (names(size) & returned) - positive)
