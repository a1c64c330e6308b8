"""Exceptions that cross a wall, as the same class of the standard library or as a child of its parents.

A class that only the sender has arrives as a new class of its name, below the nearest parents that both have.
"""

import builtins
import sys
from functools import lru_cache
from typing import Any

from astraios_ray.sandbox.jail.wire import Parts

_Name = tuple[str, str]  # of a class: its module and its name
_SIMPLE = (type(None), bool, int, float, str, bytes)
_MOST_TEXT = 200
# Raised, these end a loop or a test of the receiver in silence.
_ENDS = (StopIteration, StopAsyncIteration, GeneratorExit)
_TESTING = frozenset(["unittest", "doctest", "bdb", "pdb", "test"])


def parts(error: BaseException) -> tuple[Any, ...]:
    """The classes of an exception from its own upwards, its arguments, its attributes and its text."""
    arguments = error.args
    if isinstance(error, OSError) and error.filename is not None:
        arguments = (*arguments[:2], error.filename)
    carried = tuple(argument if _is_simple(argument) else _text(argument) for argument in arguments)
    attributes = {name: value for name, value in vars(error).items() if type(value) in _SIMPLE}
    return _names(type(error)), carried, attributes, _text(error)


def build(names: tuple[_Name, ...], arguments: tuple[Any, ...], attributes: dict[str, Any], text: str) -> Any:
    """The exception of these parts."""
    kind = build_type(names)
    try:
        error = kind(*arguments)
    except Exception:  # some classes need other arguments than those that they keep
        error = _without_arguments(kind)
        error.args = arguments
    vars(error).update(attributes)
    if _shared(names[0]) is None:
        vars(error)["_text"] = text
    return error


def _without_arguments(kind: type[BaseException]) -> BaseException:
    try:
        return kind.__new__(kind)
    except TypeError:  # of a group of exceptions, whose members do not cross
        return RuntimeError()


def type_parts(kind: type) -> Parts | None:
    """The parts of a class of exceptions; None for any other class."""
    return ("exception type", (_names(kind),), False) if issubclass(kind, BaseException) else None


def build_type(names: tuple[_Name, ...]) -> type[BaseException]:
    """The class of exceptions with these names, from its own upwards."""
    return _shared(names[0]) or _stand_in(names)


def harmless(error: BaseException) -> BaseException:
    """The exception, or a RuntimeError for one that would end a loop of the test, as in ``all(map(...))``."""
    if isinstance(error, _ENDS) or not isinstance(error, BaseException):
        return RuntimeError(f"{type(error).__name__}: {_text(error)}")
    return error


@lru_cache(64)  # so that two exceptions of one class have one class here too
def _stand_in(names: tuple[_Name, ...]) -> type[BaseException]:
    shared = [kind for kind in map(_shared, names[1:]) if kind is not None]
    nearest = [kind for kind in shared if sum(issubclass(other, kind) for other in shared) == 1]
    members = {"__str__": lambda self: self._text}
    try:
        return type(names[0][1], tuple(nearest), members)
    except TypeError:  # parents whose layouts do not fit together
        return type(names[0][1], (nearest[0] if nearest else Exception,), members)


def _shared(name: _Name) -> type[BaseException] | None:
    """The class of that name here, if it belongs to the standard library and is an exception.

    Nothing is imported: what the test can name, it has imported.
    """
    module, qualified = name
    top = module.partition(".")[0]
    if top not in sys.stdlib_module_names or top in _TESTING or top == "__main__":
        return None
    kind = getattr(builtins if module == "builtins" else sys.modules.get(module), qualified, None)
    return kind if isinstance(kind, type) and issubclass(kind, BaseException) else None


def _names(kind: type) -> tuple[_Name, ...]:
    chain = [base for base in kind.__mro__ if issubclass(base, BaseException)]
    return tuple((str(base.__module__)[:80], str(base.__qualname__)[:80]) for base in chain)


def _is_simple(value: Any) -> bool:
    return type(value) in _SIMPLE or (type(value) in (tuple, list) and all(map(_is_simple, value)))


def _text(value: Any) -> str:
    try:
        return str(value)[:_MOST_TEXT]
    except Exception:  # an exception of the program can raise in __str__
        return ""
