"""Records as plain values, and back."""

from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


def encode(record: object) -> Any:
    """A record as JSON-ready plain values. NaN and infinities stay floats."""
    return _adapter(type(record)).dump_python(record, mode="json")


def decode(kind: type[T], raw: object) -> T:
    """The record that ``encode`` wrote. Raises pydantic.ValidationError when ``raw`` is none."""
    value: T = _adapter(kind).validate_python(raw)
    return value


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
