"""Options of an evaluator: texts that become the values of its dataclass fields."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast, get_type_hints

from astraios_ray.config.config_problems import near
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator
from astraios_ray.records import Value

_NO_OPTIONS = ("name", "stop")  # fields that are no options
_TRUTH = {"true": True, "false": False}


def with_options(evaluator: Evaluator, options: Mapping[str, str]) -> Evaluator:
    """The evaluator with these values of its options.

    A field is text, a whole number, a number or a truth value (``true``, ``false``). Raises ConfigError,
    which lists the options of the evaluator; an evaluator can refuse a value in its ``__post_init__``.
    """
    defaults = options_of(evaluator)
    types = get_type_hints(type(evaluator))
    for name in options:
        if name not in defaults:
            listed = f"it has {', '.join(defaults)}" if defaults else "it has none"
            raise ConfigError(
                f"evaluator {evaluator.name}: no option {name!r}{near(name, defaults)}; {listed}."
            )
    if not options:
        return evaluator
    values = {name: _value(f"{evaluator.name}: {name}", text, types[name]) for name, text in options.items()}
    return cast(Evaluator, replace(cast(Any, evaluator), **values))


def options_of(evaluator: Evaluator) -> dict[str, Value]:
    """The options of an evaluator with their current values."""
    if not is_dataclass(evaluator):
        return {}
    return {
        field.name: getattr(evaluator, field.name)
        for field in fields(evaluator)
        if field.name not in _NO_OPTIONS
    }


def _value(where: str, text: str, kind: object) -> Value:
    if kind is bool:
        if text.lower() not in _TRUTH:
            raise ConfigError(f"evaluator {where}: found {text!r}, expected true or false.")
        return _TRUTH[text.lower()]
    if kind in (int, float):
        try:
            return int(text) if kind is int else float(text)
        except ValueError:
            what = "a whole number" if kind is int else "a number"
            raise ConfigError(f"evaluator {where}: found {text!r}, expected {what}.") from None
    return text
