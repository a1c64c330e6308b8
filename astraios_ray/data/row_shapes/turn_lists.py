"""Turns in a list of objects, under any names of their keys and roles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from astraios_ray.config.config_problems import near
from astraios_ray.data.row_shapes.shape import RowFault, text_of
from astraios_ray.data.rows import ASSISTANT, USER, Turn, kind_of


@dataclass(frozen=True)
class TurnKeys:
    """The keys of a turn, and what its roles are called."""

    role: str
    text: str
    roles: Mapping[str, str]


def turns_of(value: object, column: str, keys: TurnKeys) -> tuple[Turn, ...]:
    """The turns in ``value``. Raises RowFault unless each is an object with a role and a text.

    A row that ends with no answer, or with a blank one, is unanswered.
    """
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise RowFault(f"{column}: found {kind_of(value)}, expected a list of turns.")
    turns = tuple(_turn(item, f"{column}[{place}]", keys) for place, item in enumerate(value))
    if not any(turn.role == USER for turn in turns):
        raise RowFault(f"{column}: no turn is the user's; expected a question and its answer.")
    if turns[-1].role != ASSISTANT:
        text = f"{column}: ends with a turn of the {turns[-1].role}, expected an answer of the {ASSISTANT}."
        raise RowFault(text, unanswered=True)
    blank = [place for place, turn in enumerate(turns) if turn.role == ASSISTANT and not turn.text.strip()]
    if blank:
        text = f"{column}[{blank[0]}].{keys.text}: is empty, expected some text."
        raise RowFault(text, unanswered=True)
    return turns


def _turn(item: object, place: str, keys: TurnKeys) -> Turn:
    if not isinstance(item, Mapping):
        raise RowFault(f"{place}: found {kind_of(item)}, expected an object with a role and a text.")
    for key in (keys.role, keys.text):
        if key not in item:
            raise RowFault(f"{place}.{key}: is missing; found {', '.join(map(repr, item)) or 'no key'}.")
    if item.get("tool_calls"):
        raise RowFault(f"{place}.tool_calls: calls of tools are not supported; expected text alone.")
    role = item[keys.role]
    if not isinstance(role, str) or role not in keys.roles:
        options = ", ".join(keys.roles)
        raise RowFault(
            f"{place}.{keys.role}: found {role!r}{near(role, keys.roles)}, expected one of {options}."
        )
    return Turn(keys.roles[role], _content(item[keys.text], f"{place}.{keys.text}"))


def _content(value: object, place: str) -> str:
    """A text, or the texts of a list of parts joined."""
    if not isinstance(value, list):
        return text_of(value, place)
    return "".join(_parts(value, place))


def _parts(parts: Sequence[object], place: str) -> Iterator[str]:
    for number, part in enumerate(parts):
        if not isinstance(part, Mapping) or part.get("type") != "text":
            kind = part.get("type") if isinstance(part, Mapping) else kind_of(part)
            raise RowFault(f"{place}[{number}]: found {kind!r}, expected parts of type 'text' alone.")
        yield text_of(part.get("text"), f"{place}[{number}].text")
