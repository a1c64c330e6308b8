"""What pydantic found wrong, said in the words of the study file."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from astraios_ray.config.config_problems import Path, near, shown
from astraios_ray.config.dialect import Range, Values, number_as_text

_TAGS: Mapping[object, type[BaseModel]] = {"<range>": Range, "<values>": Values}
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
    kind, found, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "missing":
        return "this key is missing; it has no default"
    if kind == "wrong":
        return str(context["text"])
    if kind in _EXPECTED:
        return number_as_text(found, whole=kind == "int_type") or _mistyped(found, _EXPECTED[kind])
    if kind in _BOUNDS:
        word, key = _BOUNDS[kind]
        return f"expected {word} {context[key]}, found {shown(found)}"
    if kind == "literal_error":
        options = str(context["expected"]).replace("'", "")
        hint = near(found, options.replace(" or ", ", ").split(", "))
        return f"expected {options}, found {shown(found)}{hint}"
    if kind == "string_pattern_mismatch":
        return f"expected letters, digits, '.', '_' and '-' only, found {shown(found)}"
    if kind in ("too_short", "string_too_short"):
        return f"found {shown(found)}; expected at least one entry or letter"
    return f"{details['msg']}, found {shown(found)}"


def _mistyped(found: object, expected: str) -> str:
    hint = ""
    if expected == "text" and isinstance(found, bool | int | float):
        hint = f"; put it in quotes: '{shown(found)}'"
    elif isinstance(found, str) and expected in ("a whole number", "a number") and _is_number(found):
        hint = f"; write {found} without quotes"
    elif isinstance(found, float) and found.is_integer():
        hint = f"; write {int(found)}"
    return f"expected {expected}, found {shown(found)}{hint}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _unknown(key: str, known: tuple[str, ...]) -> str:
    return f"unknown key{near(key, known)}; known keys: {', '.join(known)}"


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
