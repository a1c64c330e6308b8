"""Make rows of records. One error lists all records that are not valid."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from astraios_ray.data.rows import BadRow, UnreadableCell
from astraios_ray.errors import DataError

T = TypeVar("T")
MAX_LISTED = 20  # lines in one message
_TRUTH: Mapping[object, bool] = {
    True: True,
    False: False,
    "1": True,
    "0": False,
}  # also 1 and 0, which are equal to them


def checked_rows(
    records: Iterable[tuple[str, object]], make: Callable[[Mapping[str, object]], T], source: str
) -> list[T]:
    """The row that ``make`` makes of each record, in order; each record comes with its place.

    Raises DataError when ``source`` has no record, or with place and reason of every record that is no
    object or for which ``make`` raises ValueError.
    """
    rows, bad = list[T](), list[str]()
    for place, record in records:
        try:
            rows.append(make(_object(record)))
        except ValueError as error:
            bad.append(f"{place}: {error}")
    return all_good(rows, bad, source)


def all_good(rows: list[T], bad: Sequence[str], source: object) -> list[T]:
    """Return ``rows``. Raises DataError with the lines of ``bad``, or when ``source`` has no row."""
    refuse(bad)
    if not rows:
        raise DataError(f"{source}: holds no row; one JSON object a line was expected.")
    return rows


def refuse(bad: Sequence[str]) -> None:
    """Raise one DataError with the first 20 lines and the number of the others; return without lines."""
    if bad:
        more = [f"and {len(bad) - MAX_LISTED} more"] if len(bad) > MAX_LISTED else []
        raise DataError("\n".join([*bad[:MAX_LISTED], *more]))


def refuse_repeated(key: str, ids: Iterable[Hashable], where: str = "") -> None:
    """Raises DataError with every value of ``key`` that stands more than once."""
    refuse([f"{where}{key} {name!r} stands twice" for name, times in Counter(ids).items() if times > 1])


def text_of(record: Mapping[str, object], key: str) -> str:
    """The text under ``key``. Raises ValueError when it is missing, empty or no text."""
    value = _value(record, key)
    if not isinstance(value, str):
        raise ValueError(f"{key!r} must be text, found {_excerpt(value)}")
    if not value.strip():
        raise ValueError(f"{key!r} is empty, expected some text")
    return value


def truth_of(record: Mapping[str, object], key: str) -> bool:
    """The label under ``key``: true or false, 1 or 0, "1" or "0". Raises ValueError for anything else."""
    value = _value(record, key)
    if not isinstance(value, bool | int | str) or value not in _TRUTH:
        raise ValueError(f"{key!r} must be true or false, 1 or 0, found {_excerpt(value)}")
    return _TRUTH[value]


def _object(record: object) -> Mapping[str, object]:
    if isinstance(record, BadRow):
        raise ValueError(record.reason)
    if not isinstance(record, Mapping):
        raise ValueError("expected an object with named columns")
    return record


def _value(record: Mapping[str, object], key: str) -> object:
    if key not in record:
        raise ValueError(f"{key!r} is missing; the row has {sorted(record)}")
    return record[key]


def _excerpt(value: object) -> str:
    text = value.reason if isinstance(value, UnreadableCell) else repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
