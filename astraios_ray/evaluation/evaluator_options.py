"""Options of an evaluator: the fields of its frozen dataclass, given as text."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast, get_type_hints

from astraios_ray.config.config_problems import near
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator
from astraios_ray.records import Value

_OWN = ("name", "stop")  # fields that are no options
_TRUTH = {"true": True, "false": False}


def with_options(evaluator: Evaluator, options: Mapping[str, str]) -> Evaluator:
    """The evaluator with these options instead of its own.

    A field is text, a whole number, a number or a truth value (``true``, ``false``). Raises ConfigError that
    names the options there are; an evaluator may refuse a value itself in ``__post_init__``.
    """
    known = options_of(evaluator)
    types = get_type_hints(type(evaluator))
    for name in options:
        if name not in known:
            listed = f"it has {', '.join(known)}" if known else "it has none"
            raise ConfigError(f"evaluator {evaluator.name}: no option {name!r}{near(name, known)}; {listed}.")
    if not options:
        return evaluator
    values = {name: _value(f"{evaluator.name}: {name}", text, types[name]) for name, text in options.items()}
    return cast(Evaluator, replace(cast(Any, evaluator), **values))


def options_of(evaluator: Evaluator) -> dict[str, Value]:
    """The options of an evaluator with their values now."""
    if not is_dataclass(evaluator):
        return {}
    return {
        field.name: getattr(evaluator, field.name) for field in fields(evaluator) if field.name not in _OWN
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
