"""Arrays and scalars of numpy, where the program's Python has it: their type, shape and bytes cross."""

import re
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from astraios_ray.sandbox.jail.wire import Parts, WireError

_TYPE = re.compile(r"[<>|=][biufcSUmM?]\d{0,9}(\[\w{1,9}\])?")  # never of objects, whose bytes are addresses


def parts(value: Any) -> Parts | None:
    """The parts of an array or scalar; None for any other value."""
    numpy = sys.modules.get("numpy")  # a value of numpy cannot exist before it was imported
    if numpy is None or not isinstance(value, (numpy.ndarray, numpy.generic)):
        return None
    kind = value.dtype.str
    if isinstance(value, numpy.generic):
        return ("numpy scalar", (kind, value.tobytes()), False) if _TYPE.fullmatch(kind) else None
    if value.dtype.kind == "O":
        return "numpy objects", (value.shape, *value.flat), False
    return ("numpy array", (kind, value.shape, value.tobytes()), True) if _TYPE.fullmatch(kind) else None


def is_array(value: Any) -> bool:
    """Whether the value is an array of numpy."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def content(value: Any) -> bytes | None:
    """The bytes of an array; None for any other value."""
    return value.tobytes() if is_array(value) else None


def set_content(target: Any, content: Any) -> None:
    """Change the array ``target`` in place."""
    target[...] = _array(target.dtype.str, target.shape, content)


def _array(kind: str, shape: tuple[int, ...], content: bytes) -> Any:
    if not _TYPE.fullmatch(kind):
        raise WireError(f"no array has the type {kind[:20]!r}")
    numpy = import_module("numpy")
    return numpy.frombuffer(content, numpy.dtype(kind)).reshape(shape).copy()


def _objects(shape: tuple[int, ...], *items: Any) -> Any:
    numpy = import_module("numpy")
    array = numpy.empty(len(items), object)
    for number, item in enumerate(items):
        array[number] = item
    return array.reshape(shape)


BUILDERS: dict[str, Callable[..., Any]] = {
    "numpy scalar": lambda kind, content: _array(kind, (1,), content)[0],
    "numpy array": _array,
    "numpy objects": _objects,
}
