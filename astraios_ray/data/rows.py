"""A row of training data: the turns of a conversation, or one raw text."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

SYSTEM, USER, ASSISTANT, TOOL = "system", "user", "assistant", "tool"
RAW = "raw"
"""The role of a text that no one asked for, such as a source file."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One text of a row, and whose it is."""

    role: str  # SYSTEM | USER | ASSISTANT | TOOL | RAW
    text: str


@dataclass(frozen=True, slots=True, init=False)
class Row:
    """A question and its answer; by ``of_turns`` any turns that end with an answer, or one raw text."""

    turns: tuple[Turn, ...]
    source: str  # the place as ``file:row``, from 1
    columns: str  # the columns that it was made from, joined by "+"

    def __init__(self, prompt: str, completion: str, source: str, columns: str) -> None:
        self._set(pair(prompt, completion), source, columns)

    @classmethod
    def of_turns(cls, turns: tuple[Turn, ...], source: str, columns: str) -> "Row":
        """The row of a conversation, or of a raw text."""
        row = cls.__new__(cls)
        row._set(turns, source, columns)
        return row

    def _set(self, *values: object) -> None:
        for field, value in zip(fields(self), values, strict=True):
            object.__setattr__(self, field.name, value)

    @property
    def prompt(self) -> str:
        """The texts before the last answer; empty for a raw text."""
        return "\n\n".join(turn.text for turn in self.turns[:-1])

    @property
    def completion(self) -> str:
        """The answers, or the raw text."""
        return "\n\n".join(turn.text for turn in self.turns if turn.role in (ASSISTANT, RAW))

    @property
    def text(self) -> str:
        """All texts, in no template."""
        return "\n".join(turn.text for turn in self.turns)


def pair(prompt: str, completion: str) -> tuple[Turn, Turn]:
    """The turns of one question and its answer."""
    return Turn(USER, prompt), Turn(ASSISTANT, completion)


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be used."""

    source: str
    reason: str
    unanswered: bool = False  # nothing is wrong with it, except that there is nothing to learn

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


@dataclass(frozen=True)
class UnreadableCell:
    """Stands for the value of a column that cannot be read. The row can be used where the column is not."""

    reason: str


def kind_of(value: object) -> str:
    """The kind of a value of a JSON or Parquet file, in words for a message."""
    if isinstance(value, UnreadableCell):
        return value.reason
    return _KINDS.get(type(value), f"a {type(value).__name__}")


_KINDS: Mapping[type, str] = {
    type(None): "null",
    bool: "a truth value",
    int: "a number",
    float: "a number",
    Decimal: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}
