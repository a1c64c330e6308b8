"""The sizes of the buffers of a C program, as far as the program states them."""

from dataclasses import dataclass

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import calls, name_of, number, size_of, text, walk

_ALLOCATES = ("malloc", "calloc", "alloca", "realloc")


@dataclass(frozen=True)
class Room:
    """``count`` elements of ``bytes_each``; None when the program does not state it."""

    count: int | None
    bytes_each: int | None
    pointers: bool = False  # a pointer to the room, not an array
    literal: bool = False  # filled with a text of this length

    @property
    def bytes(self) -> int | None:
        """The size in bytes; None when it is not known."""
        return None if self.count is None or self.bytes_each is None else self.count * self.bytes_each


UNKNOWN = Room(None, None)


def rooms(tree: c_ast.Node) -> dict[str, Room]:
    """Arrays and pointers by name. A pointer with two sizes, or set to another pointer, has no known size."""
    rooms_by_name: dict[str, Room] = {}
    for part in walk(tree):
        if isinstance(part, c_ast.Decl) and isinstance(part.type, c_ast.ArrayDecl):
            rooms_by_name[part.name] = _array(part)
        elif isinstance(part, c_ast.Decl) and isinstance(part.type, c_ast.PtrDecl):
            element_size = size_of(part.type.type)
            rooms_by_name[part.name] = (
                _pointed(element_size, part.init) if part.init else Room(None, element_size, True)
            )
    for part in walk(tree):
        if (
            isinstance(part, c_ast.Assignment)
            and part.op == "="
            and (name := name_of(part.lvalue)) in rooms_by_name
        ):
            rooms_by_name[name] = _merged(
                rooms_by_name[name], _pointed(rooms_by_name[name].bytes_each, part.rvalue)
            )
    return rooms_by_name


def _merged(old: Room, new: Room) -> Room:
    if old.count in (None, 0) or old.count == new.count:
        return new
    return Room(None, old.bytes_each, old.pointers)


def _array(declared: c_ast.Decl) -> Room:
    element_size = size_of(declared.type.type)
    if declared.type.dim is not None:
        return Room(number(declared.type.dim), element_size)
    if isinstance(declared.init, c_ast.InitList):
        return Room(len(declared.init.exprs), element_size)
    literal = text(declared.init) if declared.init else None
    return Room(None, element_size) if literal is None else Room(len(literal) + 1, element_size, literal=True)


def _pointed(element_size: int | None, value: c_ast.Node) -> Room:
    literal = text(value)
    if literal is not None:
        return Room(len(literal) + 1, 1, True, True)
    if isinstance(value, c_ast.Cast):
        return _pointed(element_size, value.expr)
    if name_of(value) == "NULL" or number(value) == 0:
        return Room(0, element_size, True)
    for call, name, arguments in calls(value):
        if call is value and name in _ALLOCATES and arguments:
            sizes = [number(argument) for argument in (arguments[1:] if name == "realloc" else arguments)]
            total = None if None in sizes else _product([size for size in sizes if size is not None])
            return Room(
                None if total is None or not element_size else total // element_size, element_size, True
            )
    return Room(None, element_size, True)


def _product(sizes: list[int]) -> int:
    result = 1
    for size in sizes:
        result *= size
    return result
