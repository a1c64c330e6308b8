"""CWE-119, CWE-787: a copy of more bytes than the buffer holds."""

from collections.abc import Mapping

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import (
    POINTER,
    apply_operator,
    calls,
    finding_at,
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
    """A known number of bytes that is more than the target holds, or more than the source holds."""
    rooms_by_name = rooms(unit.tree)
    return [
        finding_at(call, f"{size} bytes {use} of {room.bytes}")
        for call, name, values in calls(unit.tree)
        if (size := _copied(name, values, rooms_by_name)) is not None
        for use, room in _rooms(name, values, rooms_by_name)
        if room.bytes is not None and size > room.bytes
    ]


def _copied(function: str, values: list[c_ast.Node], rooms_by_name: Mapping[str, Room]) -> int | None:
    if function == "strcpy" and len(values) == 2:
        literal = text(values[1])
        return None if literal is None else len(literal) + 1
    return _bytes(values[2], rooms_by_name) if function in COPIES and len(values) == 3 else None


def _rooms(
    function: str, values: list[c_ast.Node], rooms_by_name: Mapping[str, Room]
) -> list[tuple[str, Room]]:
    target = ("for a target", _room(values[0], rooms_by_name))
    return [target, ("from a source", _room(values[1], rooms_by_name))] if function in _READS else [target]


def _room(node: c_ast.Node, rooms_by_name: Mapping[str, Room]) -> Room:
    literal = text(node)
    if literal is not None:
        return Room(len(literal) + 1, 1, literal=True)
    return rooms_by_name.get(name_of(node), UNKNOWN)


def _bytes(node: c_ast.Node, rooms_by_name: Mapping[str, Room]) -> int | None:
    """The value of a size, with sizeof and strlen of known buffers; None when it is not known."""
    value = number(node)
    if value is not None:
        return value
    match node:
        case c_ast.UnaryOp(op="sizeof"):
            room = rooms_by_name.get(name_of(node.expr), UNKNOWN)
            return POINTER if room.pointers else room.bytes
        case c_ast.FuncCall() if name_of(node.name) == "strlen" and node.args:
            room = _room(node.args.exprs[0], rooms_by_name)
            return room.count - 1 if room.count and room.literal else None
        case c_ast.BinaryOp():
            return apply_operator(
                node.op, _bytes(node.left, rooms_by_name), _bytes(node.right, rooms_by_name)
            )
    return None
