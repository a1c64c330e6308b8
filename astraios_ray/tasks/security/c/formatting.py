"""CWE-787: numbers printed into a buffer that is too short for the longest ones."""

import re
from collections.abc import Mapping

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import calls, finding_at, name_of, number, text, variables
from astraios_ray.tasks.security.c.sizes import UNKNOWN, rooms
from astraios_ray.tasks.security.c_unit import Unit
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.rules import C_RULES

_DIRECTIVE = re.compile(
    r"%(?P<flags>[-+ #0]*)(?P<width>\d+)?(?:\.(?P<precision>\d+))?(?:hh|h|ll|l|L|z)?(?P<kind>[a-zA-Z%])"
)
_DIGITS = {"float": 39, "double": 309}  # in front of the point: FLT_MAX is 3.4e38, DBL_MAX 1.8e308
_WIDTHS = {"d": 11, "i": 11, "u": 10, "x": 8, "X": 8, "o": 11, "c": 1, "p": 18, "%": 1}  # of 32 bits


@C_RULES.add("PotentialBufferOverflow")
def formatted_too_long(unit: Unit) -> list[Finding]:
    """``sprintf`` whose longest result does not fit, and ``snprintf`` with more bytes than the buffer has.

    ``%s`` of a text of unknown length counts as no bytes, so it is never flagged.
    """
    rooms_by_name, kinds = rooms(unit.tree), _kinds(unit.tree)
    findings = list[Finding]()
    for call, name, arguments in calls(unit.tree):
        room = rooms_by_name.get(name_of(arguments[0]), UNKNOWN).bytes if arguments else None
        if room is None:
            continue
        if name == "sprintf" and len(arguments) > 1 and (longest := _longest(arguments[1:], kinds)) > room:
            findings.append(finding_at(call, f"up to {longest} bytes for a buffer of {room}"))
        if name == "snprintf" and len(arguments) > 2 and (number(arguments[1]) or 0) > room:
            findings.append(finding_at(call, f"{number(arguments[1])} bytes allowed for a buffer of {room}"))
    return findings


def _longest(arguments: list[c_ast.Node], kinds: Mapping[str, str]) -> int:
    """Bytes of the longest text, with the zero at its end."""
    pattern = text(arguments[0])
    if pattern is None:
        return 0
    values, length = iter(arguments[1:]), len(_DIRECTIVE.sub("", pattern)) + 1
    for directive in _DIRECTIVE.finditer(pattern):
        value = next(values, None) if directive["kind"] != "%" else None
        length += max(int(directive["width"] or 0), _printed(directive, value, kinds))
    return length


def _printed(directive: re.Match[str], value: c_ast.Node | None, kinds: Mapping[str, str]) -> int:
    kind = directive["kind"]
    if kind in "fF":
        digits = _DIGITS[kinds.get(name_of(value), "double") if value is not None else "double"]
        precision = int(directive["precision"] or 6)
        return 1 + digits + (1 + precision if precision else 0)
    if kind in "eEgG":
        return 8 + int(directive["precision"] or 6)
    literal = text(value) if kind == "s" and value is not None else None
    return len(literal) if literal is not None else _WIDTHS.get(kind, 0)


def _kinds(tree: c_ast.Node) -> dict[str, str]:
    """Variables of type float; all other numbers with a point have the width of double."""
    return {name: "float" for name, words in variables(tree) if words == {"float"}}
