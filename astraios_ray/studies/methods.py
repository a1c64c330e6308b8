"""What can be compared: every method with its parameters, defaults and source."""

import sys
from dataclasses import asdict, dataclass
from typing import Any

from astraios_ray.config import content


@dataclass(frozen=True)
class MethodDescription:
    """One method with its source and parameters, as data."""

    name: str
    summary: str
    source: str
    traits: dict[str, Any] | None  # None: they depend on hyperparameters without defaults
    search_space: str | None
    parameters: list[dict[str, Any]]


def list_methods(name: str | None = None) -> list[MethodDescription]:
    """Every method, those of plug-ins too, or the one of this name (also ``peft:<TYPE>``).

    Raises ConfigError for another name.
    """
    from astraios_ray.methods import METHODS, PLUG_INS  # imports torch and peft

    return [_described(method) for method in ([name] if name else [*METHODS, *PLUG_INS.working()])]


def _described(name: str) -> MethodDescription:
    from astraios_ray.methods import METHODS, hyperparameters_of, traits_of

    fields = hyperparameters_of(name)
    summary, source = ("A method of peft.", "") if ":" in name else _documentation(METHODS[name])
    space = content.search_space(name)
    parameters = [
        {"name": field.name, "type": field.words, "default": field.default, "required": field.required}
        for field in fields.values()
    ]
    traits = None if any(field.required for field in fields.values()) else asdict(traits_of(name, {}))
    return MethodDescription(name, summary, source, traits, str(space) if space else None, parameters)


def _documentation(method: Any) -> tuple[str, str]:
    """The first line of the method's file, and the paragraph that names the paper."""
    paragraphs = (sys.modules[method.__module__].__doc__ or "").strip().split("\n\n")
    source = next((" ".join(p.split()) for p in paragraphs if p.startswith("Source:")), "")
    return " ".join(paragraphs[0].split()), source.removeprefix("Source: ")
