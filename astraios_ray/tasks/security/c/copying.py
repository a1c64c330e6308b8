"""CWE-119, CWE-787: more bytes copied than there is room for."""

from collections.abc import Mapping

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import (
    POINTER,
    calls,
    found,
    joined,
    name_of,
    number,
    text,
)
from astraios_ray.tasks.security.c.sizes import UNKNOWN, Room, rooms
from astraios_ray.tasks.security.c_unit import Unit
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.rules import C_RULES

COPIES = ("memcpy", "memmove", "memset", "strncpy")  # (target, source or value, bytes)
_READS = ("memcpy", "memmove")


@C_RULES.add("OverflowBuffer")
def copy_of_too_much(unit: Unit) -> list[Finding]:
    """A known number of bytes that is more than the room of the target, or of what is copied from it."""
    known = rooms(unit.tree)
    return [
        found(call, f"{size} bytes {what} of {room.bytes}")
        for call, name, values in calls(unit.tree)
        if (size := _copied(name, values, known)) is not None
        for what, room in _rooms(name, values, known)
        if room.bytes is not None and size > room.bytes
    ]


def _copied(function: str, values: list[c_ast.Node], known: Mapping[str, Room]) -> int | None:
    if function == "strcpy" and len(values) == 2:
        literal = text(values[1])
        return None if literal is None else len(literal) + 1
    return _bytes(values[2], known) if function in COPIES and len(values) == 3 else None


def _rooms(function: str, values: list[c_ast.Node], known: Mapping[str, Room]) -> list[tuple[str, Room]]:
    target = ("for a target", _room(values[0], known))
    return [target, ("from a source", _room(values[1], known))] if function in _READS else [target]


def _room(node: c_ast.Node, known: Mapping[str, Room]) -> Room:
    literal = text(node)
    if literal is not None:
        return Room(len(literal) + 1, 1, literal=True)
    return known.get(name_of(node), UNKNOWN)


def _bytes(node: c_ast.Node, known: Mapping[str, Room]) -> int | None:
    """The value of a size, with sizeof and strlen of what is known."""
    value = number(node)
    if value is not None:
        return value
    match node:
        case c_ast.UnaryOp(op="sizeof"):
            room = known.get(name_of(node.expr), UNKNOWN)
            return POINTER if room.pointers else room.bytes
        case c_ast.FuncCall() if name_of(node.name) == "strlen" and node.args:
            room = _room(node.args.exprs[0], known)
            return room.count - 1 if room.count and room.literal else None
        case c_ast.BinaryOp():
            return joined(node.op, _bytes(node.left, known), _bytes(node.right, known))
    return None
