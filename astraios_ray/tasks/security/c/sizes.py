"""How much room the buffers of a C program have, as far as it says so."""

from dataclasses import dataclass

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import calls, name_of, number, size_of, text, walk

_ALLOCATES = ("malloc", "calloc", "alloca", "realloc")


@dataclass(frozen=True)
class Room:
    """``count`` elements of ``bytes_each``; None where the program does not say."""

    count: int | None
    bytes_each: int | None
    pointers: bool = False  # a pointer to the room, not an array
    literal: bool = False  # filled with a text of this length

    @property
    def bytes(self) -> int | None:
        """All of it."""
        return None if self.count is None or self.bytes_each is None else self.count * self.bytes_each


UNKNOWN = Room(None, None)


def rooms(tree: c_ast.Node) -> dict[str, Room]:
    """Arrays and pointers by name. A pointer that is given two sizes, or a pointer, has no known one."""
    known: dict[str, Room] = {}
    for part in walk(tree):
        if isinstance(part, c_ast.Decl) and isinstance(part.type, c_ast.ArrayDecl):
            known[part.name] = _array(part)
        elif isinstance(part, c_ast.Decl) and isinstance(part.type, c_ast.PtrDecl):
            each = size_of(part.type.type)
            known[part.name] = _pointed(each, part.init) if part.init else Room(None, each, True)
    for part in walk(tree):
        if isinstance(part, c_ast.Assignment) and part.op == "=" and (name := name_of(part.lvalue)) in known:
            known[name] = _again(known[name], _pointed(known[name].bytes_each, part.rvalue))
    return known


def _again(before: Room, now: Room) -> Room:
    if before.count in (None, 0) or before.count == now.count:
        return now
    return Room(None, before.bytes_each, before.pointers)


def _array(declared: c_ast.Decl) -> Room:
    each = size_of(declared.type.type)
    if declared.type.dim is not None:
        return Room(number(declared.type.dim), each)
    if isinstance(declared.init, c_ast.InitList):
        return Room(len(declared.init.exprs), each)
    literal = text(declared.init) if declared.init else None
    return Room(None, each) if literal is None else Room(len(literal) + 1, each, literal=True)


def _pointed(each: int | None, value: c_ast.Node) -> Room:
    literal = text(value)
    if literal is not None:
        return Room(len(literal) + 1, 1, True, True)
    if isinstance(value, c_ast.Cast):
        return _pointed(each, value.expr)
    if name_of(value) == "NULL" or number(value) == 0:
        return Room(0, each, True)
    for call, name, arguments in calls(value):
        if call is value and name in _ALLOCATES and arguments:
            sizes = [number(argument) for argument in (arguments[1:] if name == "realloc" else arguments)]
            total = None if None in sizes else _product([size for size in sizes if size is not None])
            return Room(None if total is None or not each else total // each, each, True)
    return Room(None, each, True)


def _product(sizes: list[int]) -> int:
    result = 1
    for size in sizes:
        result *= size
    return result
