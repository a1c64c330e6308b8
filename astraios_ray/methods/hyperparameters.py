"""A method's hyperparameters as data: name, type and default, and what is wrong with a value."""

import difflib
import functools
import operator
import types
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from astraios_ray.errors import ConfigError
from astraios_ray.records import Value
from astraios_ray.records.specs import SIZES

LARGEST_SIZE = 10**6  # of a method: its rank, its width, its virtual tokens
NONE: Any = type(None)
SINCE_0_2: Mapping[str, str] = {"since": "0.2"}  # metadata of a field that version 0.1 did not have


@dataclass(frozen=True)
class Field:
    """One hyperparameter.

    ``type`` is a plain Python type, a Literal of plain values, or a union of these.
    """

    name: str
    type: Any
    default: Value
    required: bool = False

    @property
    def words(self) -> str:
        """The type in readable form: ``int | None``, ``'bert' | 'mam'``."""
        return " | ".join(_word(option) for option in _options(self.type))

    def problem(self, value: object) -> str | None:
        """What is wrong with ``value``, or None. An int is a float too; a bool is no number."""
        if any(_takes(option, value) for option in _options(self.type)):
            return self._beyond(value)
        return f"found {value!r}, expected {self.words}"

    def _beyond(self, value: object) -> str | None:
        if self.name in SIZES and isinstance(value, int) and value > LARGEST_SIZE:
            return f"found {value}, expected at most {LARGEST_SIZE}, since no model's layer is wider"
        return None


def fields_of(kind: Any, leave_out: Collection[str] = ()) -> dict[str, Field]:
    """The fields of the dataclass ``kind`` that take plain values, in their order."""
    hints = get_type_hints(kind)
    plain_fields = {}
    for declared in fields(kind):
        options = [option for option in _options(hints[declared.name]) if _is_plain(option)]
        if declared.init and declared.name not in leave_out and any(option is not NONE for option in options):
            required = declared.default is MISSING and declared.default_factory is MISSING
            default = None if declared.default is MISSING else declared.default
            plain_fields[declared.name] = Field(declared.name, _union(options), _plain(default), required)
    return plain_fields


def check(method: str, hyperparameters: Mapping[str, Field], values: Mapping[str, Value]) -> None:
    """Raise ConfigError for the first of ``values`` that ``hyperparameters`` does not allow."""
    for name, value in values.items():
        if name not in hyperparameters:
            near = difflib.get_close_matches(name, hyperparameters, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            has = ", ".join(hyperparameters) or "none"
            raise ConfigError(f"Method {method!r} has no hyperparameter {name!r}.{hint} It has: {has}.")
        problem = hyperparameters[name].problem(value)
        if problem:
            raise ConfigError(f"Method {method!r}: {name}: {problem}.")
    missing = [field for field in hyperparameters.values() if field.required and field.name not in values]
    if missing:
        raise ConfigError(f"Method {method!r} needs a value for {missing[0].name!r} ({missing[0].words}).")


def _options(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(option for part in get_args(hint) for option in _options(part))
    return (hint,)


def _union(options: list[Any]) -> Any:
    return functools.reduce(operator.or_, options)


def _is_plain(option: Any) -> bool:
    if get_origin(option) is Literal:
        return all(isinstance(value, str | int | float | bool | NONE) for value in get_args(option))
    return option in (bool, int, float, str, NONE)


def _takes(option: Any, value: object) -> bool:
    if get_origin(option) is Literal:
        return any(value == choice and type(value) is type(choice) for choice in get_args(option))
    if option is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if option is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, option)


def _word(option: Any) -> str:
    if get_origin(option) is Literal:
        return " | ".join(repr(choice) for choice in get_args(option))
    return "None" if option is NONE else str(option.__name__)


def _plain(value: object) -> Value:
    """``value`` where it is plain, or an enum's value; else None, which leaves peft's default."""
    value = getattr(value, "value", value)
    return value if isinstance(value, str | int | float | bool) else None
