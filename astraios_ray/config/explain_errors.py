"""The errors of pydantic in the words of the study file."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from astraios_ray.config.config_problems import Path, near, shown
from astraios_ray.config.dialect import Range, Values, number_as_text
from astraios_ray.config.sources import SourceConfig, ValidationConfig

_TAGS: Mapping[object, type[BaseModel]] = {
    "<range>": Range,
    "<values>": Values,
    "<source>": SourceConfig,
    "<sources>": SourceConfig,
    "<validation>": ValidationConfig,
}
_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
}
_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}


def mistakes(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Path, str]]:
    """Each mistake that ``error`` holds: its path in the file, and what was found and would be right."""
    for details in error.errors(include_url=False):
        loc = details["loc"]
        path = tuple(part for part in loc if not str(part).startswith("<"))
        if details["type"] == "too_short" and path == ("methods",):
            yield path, "no methods; name at least one, for example [lora, ia3]"
        elif details["type"] == "extra_forbidden":
            yield path, _unknown(str(loc[-1]), _known_keys(model, loc[:-1]))
        else:
            yield path, _explain(details)


def _explain(details: ErrorDetails) -> str:
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "missing":
        return "this key is missing; it has no default"
    if kind == "wrong":
        return str(context["text"])
    if kind in _EXPECTED:
        return number_as_text(value, whole=kind == "int_type") or _mistyped(value, _EXPECTED[kind])
    if kind in _BOUNDS:
        word, key = _BOUNDS[kind]
        return f"expected {word} {context[key]}, found {shown(value)}"
    if kind == "literal_error":
        options = str(context["expected"]).replace("'", "")
        hint = near(value, options.replace(" or ", ", ").split(", "))
        return f"expected {options}, found {shown(value)}{hint}"
    if kind == "string_pattern_mismatch":
        return f"expected letters, digits, '.', '_' and '-' only, found {shown(value)}"
    if kind in ("too_short", "string_too_short"):
        return f"found {shown(value)}; expected at least one entry or letter"
    return f"{details['msg']}, found {shown(value)}"


def _mistyped(value: object, expected: str) -> str:
    hint = ""
    if expected == "text" and isinstance(value, bool | int | float):
        hint = f"; put it in quotes: '{shown(value)}'"
    elif isinstance(value, str) and expected in ("a whole number", "a number") and _is_number(value):
        hint = f"; write {value} without quotes"
    elif isinstance(value, float) and value.is_integer():
        hint = f"; write {int(value)}"
    return f"expected {expected}, found {shown(value)}{hint}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _unknown(key: str, keys: tuple[str, ...]) -> str:
    return f"unknown key{near(key, keys)}; known keys: {', '.join(keys)}"


def _known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[str, ...]:
    current: Any = model
    for part in loc:
        if part in _TAGS:
            current = _TAGS[part]
        elif isinstance(current, type) and issubclass(current, BaseModel) and part in current.model_fields:
            current = _section(current.model_fields[str(part)].annotation)
    return tuple(current.model_fields) if isinstance(current, type) and issubclass(current, BaseModel) else ()


def _section(annotation: Any) -> Any:
    options = [option for option in (annotation, *get_args(annotation)) if isinstance(option, type)]
    return next((option for option in options if issubclass(option, BaseModel)), None)
