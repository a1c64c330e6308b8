"""The kinds of values that cross a wall beside plain ones: how each is taken apart and built again.

A value crosses as the first type of its method resolution order that is listed here or is plain: a child of
``Counter`` arrives as a Counter, an IntEnum as an int. Only parts cross: no class, hook or function of the
sender runs where a value is built.
"""

import re
from collections import Counter, OrderedDict, UserList, UserString, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterable, Mapping, Set
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from astraios_ray.sandbox.jail import arrays, exceptions
from astraios_ray.sandbox.jail.regex_match import RegexMatch
from astraios_ray.sandbox.jail.wire import PLAIN, Parts, WireError

# What crosses by its place here. Each type is a plain constructor, so a test can call one that it gets.
_NAMED: tuple[object, ...] = (
    *(bool, int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset, dict, range, object),
    *(
        type(None),
        Counter,
        OrderedDict,
        defaultdict,
        deque,
        Decimal,
        Fraction,
        date,
        datetime,
        time,
        timedelta,
    ),
    *(Ellipsis, NotImplemented),
)
_MOST_FIELDS = 100  # of a named tuple


class Kind(NamedTuple):
    """How a value of ``type`` is taken apart, and built of its parts."""

    type: type
    parts: Callable[[Any], Iterable[Any]]
    build: Callable[..., Any]
    changes: bool = False  # whether a function can change it in place


def take_apart(value: Any) -> Parts | type | None:
    """The name and the parts of a value, or the plain type of which it is a child; None for other values."""
    if (found := arrays.parts(value)) is not None:
        return found
    for number, constant in enumerate(_NAMED):
        if constant is value:
            return "named", (number,), False
    if isinstance(value, type):
        return exceptions.type_parts(value)
    for base in type(value).__mro__:
        if base in PLAIN:
            return _named_tuple(value) if base is tuple and hasattr(value, "_fields") else base
        if base in _BY_TYPE:
            kind = _BY_TYPE[base]
            return kind.type.__name__, tuple(kind.parts(value)), kind.changes
    return None


def rebuild(name: str, parts: tuple[Any, ...]) -> Any:
    """The value of the kind ``name`` with these parts. Raises any exception for parts that do not fit."""
    if name in _BUILDERS:
        return _BUILDERS[name](*parts)
    raise WireError(f"no kind of value is called {name[:40]!r}")


def content(value: Any) -> Any:
    """What of a value can change in place, as parts that ``set_content`` takes."""
    if isinstance(value, dict):
        return tuple(_pairs(value))
    if isinstance(value, bytearray):
        return bytes(value)
    return tuple(value) if isinstance(value, (list, set, deque)) else arrays.content(value)


def set_content(target: Any, parts: Any) -> None:
    """Change ``target`` in place. Raises WireError for parts that are no content of it."""
    is_array = arrays.is_array(target)
    if not isinstance(parts, bytes if is_array or isinstance(target, bytearray) else tuple):
        raise WireError("no content of what was changed")
    if isinstance(target, (list, bytearray)):
        target[:] = parts
    elif is_array:
        arrays.set_content(target, parts)
    else:
        target.clear()
        _fill(target, parts)


def _pairs(value: Mapping[Any, Any]) -> Iterable[Any]:
    return _flat(value.items())


def _flat(pairs: Iterable[tuple[Any, Any]]) -> Iterable[Any]:
    return (part for pair in pairs for part in pair)


def _fill(target: Any, parts: Any) -> Any:
    if isinstance(target, dict):
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            target[key] = value
    else:
        (target.update if isinstance(target, set) else target.extend)(parts)
    return target


def _named_tuple(value: Any) -> Parts | type:
    fields = value._fields
    if not isinstance(fields, tuple) or len(fields) != tuple.__len__(value):
        return tuple
    return "namedtuple", (type(value).__name__, fields, *tuple.__iter__(value)), False


def _build_named_tuple(name: str, fields: tuple[str, ...], *items: Any) -> Any:
    if len(fields) > _MOST_FIELDS:
        return items
    return _named_tuple_class(name, fields)(*items)


@lru_cache(64)
def _named_tuple_class(name: str, fields: tuple[str, ...]) -> Callable[..., Any]:
    return namedtuple(name, fields)  # refuses what is no identifier


def _zone(moment: datetime | time) -> timezone | None:
    """The zone, any but a ``timezone`` as its fixed offset, with which the moment is the same."""
    offset = moment.utcoffset()
    if offset is None or isinstance(moment.tzinfo, timezone):
        return moment.tzinfo  # type: ignore[return-value]
    return timezone(offset, moment.tzname() or "")


def _datetime_parts(moment: datetime) -> Iterable[Any]:
    return (*moment.timetuple()[:6], moment.microsecond, _zone(moment), moment.fold)


def _build_datetime(*parts: Any) -> datetime:
    return datetime(*parts[:8], fold=parts[8])


def _time_parts(moment: time) -> Iterable[Any]:
    return (moment.hour, moment.minute, moment.second, moment.microsecond, _zone(moment), moment.fold)


def _build_time(*parts: Any) -> time:
    return time(*parts[:5], fold=parts[5])


KINDS = (
    Kind(Counter, _pairs, lambda *parts: _fill(Counter(), parts), True),
    Kind(OrderedDict, _pairs, lambda *parts: _fill(OrderedDict(), parts), True),
    Kind(
        defaultdict,
        lambda value: (value.default_factory, *_pairs(value)),
        lambda factory, *parts: _fill(defaultdict(factory), parts),
        True,
    ),
    Kind(deque, lambda value: (value.maxlen, *value), lambda most, *parts: deque(parts, most), True),
    Kind(bytearray, lambda value: (bytes(value),), lambda text: bytearray(b"" + text), True),
    Kind(memoryview, lambda value: (value.tobytes(),), lambda text: memoryview(b"" + text)),
    Kind(range, lambda value: (value.start, value.stop, value.step), range),
    Kind(slice, lambda value: (value.start, value.stop, value.step), slice),
    Kind(Decimal, lambda value: (Decimal.__str__(value),), lambda text: Decimal("" + text)),
    Kind(Fraction, lambda value: (value.numerator, value.denominator), Fraction),
    Kind(timedelta, lambda value: (value.days, value.seconds, value.microseconds), timedelta),
    Kind(timezone, lambda value: value.__getinitargs__(), timezone),
    Kind(datetime, _datetime_parts, _build_datetime),
    Kind(date, lambda value: (value.year, value.month, value.day), date),
    Kind(time, _time_parts, _build_time),
    Kind(type({}.keys()), tuple, lambda *keys: dict.fromkeys(keys).keys()),
    Kind(type({}.values()), tuple, lambda *values: dict(enumerate(values)).values()),
    Kind(type({}.items()), _flat, lambda *parts: _fill({}, parts).items()),
    Kind(re.Match, RegexMatch.parts_of, RegexMatch),
    Kind(RegexMatch, RegexMatch.parts_of, RegexMatch),
    Kind(re.Pattern, lambda value: (value.pattern, value.flags), re.compile),
    Kind(UserList, tuple, lambda *items: list(items)),
    Kind(UserString, lambda value: (value.data,), lambda text: "" + text),
    Kind(MappingProxyType, _pairs, lambda *parts: _fill({}, parts)),
    Kind(Mapping, _pairs, lambda *parts: _fill({}, parts)),
    Kind(Set, tuple, lambda *items: set(items)),
)
_BY_TYPE = {kind.type: kind for kind in KINDS}
_BUILDERS: dict[str, Callable[..., Any]] = {
    **{kind.type.__name__: kind.build for kind in KINDS},
    "exception type": exceptions.build_type,
    "namedtuple": _build_named_tuple,
    "named": lambda number: _NAMED[number],
    **arrays.BUILDERS,
}
