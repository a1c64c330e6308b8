"""What a shape of rows is: the columns that tell it, and how they become turns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from astraios_ray.data.rows import Turn, kind_of

LONGEST = 1_000_000  # characters of one text; a longer one means a broken file


class RowFault(Exception):
    """What is wrong with a row. ``unanswered``: only that it has nothing to learn."""

    def __init__(self, reason: str, *, unanswered: bool = False) -> None:
        super().__init__(reason)
        self.unanswered = unanswered


@dataclass(frozen=True)
class Shape:
    """Rows with all of ``columns``. ``turns`` raises RowFault."""

    name: str  # as in the documentation
    columns: tuple[str, ...]
    turns: Callable[[Mapping[str, object]], tuple[Turn, ...]]
    optional: tuple[str, ...] = ()  # columns that are read where they are


def text_of(value: object, place: str, *, required: bool = True) -> str:
    """The text ``value``, which stands at ``place`` of a row; empty for null where none is required."""
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise RowFault(f"{place}: found {kind_of(value)}, expected text.")
    if len(value) > LONGEST:
        raise RowFault(f"{place}: has {len(value):,} characters, expected at most {LONGEST:,}.")
    if "\0" in value:
        raise RowFault(
            f"{place}: has a NUL character at place {value.index(chr(0))}, expected text without any."
        )
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise RowFault(
            f"{place}: has half a surrogate pair at place {error.start}, expected whole characters."
        ) from error
    return value


def answered(turns: tuple[Turn, ...], prompt_column: str, completion_column: str) -> tuple[Turn, ...]:
    """The turns, which must end with a question and an answer that are not blank."""
    if not turns[-2].text.strip():
        raise RowFault(f"{prompt_column}: is empty, expected some text.")
    if not turns[-1].text.strip():
        raise RowFault(f"{completion_column}: is empty, expected some text.", unanswered=True)
    return turns
