"""``astraios-ray methods``: what can be compared, with every method's parameters, defaults and source."""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Any

import click

from astraios_ray.aligned_text import table
from astraios_ray.cli.shared_options import json_option


@dataclass(frozen=True)
class MethodDescription:
    """One method with its source and parameters, as data."""

    name: str
    summary: str
    source: str
    traits: dict[str, Any] | None  # None: they depend on hyperparameters without defaults
    search_space: str | None
    parameters: list[dict[str, Any]]


@click.command()
@click.argument("name", required=False)
@json_option
def methods(name: str | None, as_json: bool) -> None:
    """List the methods with their parameters and defaults, or show the method NAME (also peft:<TYPE>)."""
    from astraios_ray.methods import METHODS, PLUG_INS

    described = [_described(method) for method in ([name] if name else [*METHODS, *PLUG_INS.working()])]
    if as_json:
        listed = [vars(method) for method in described]
        click.echo(json.dumps(listed[0] if name else listed, indent=2))
        return
    click.echo("\n\n".join(_as_text(method) for method in described))
    if not name:
        click.echo(_OTHERS)


_OTHERS = """
Any other method of the peft library: peft:<TYPE>, for example peft:VERA. `astraios-ray methods peft:VERA`
shows its parameters. Every method also takes learning_rate, weight_decay, warmup_steps, max_grad_norm,
batch_size and schedule in its block."""


def _described(name: str) -> MethodDescription:
    from astraios_ray.config import content
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


def _as_text(method: MethodDescription) -> str:
    lines = [f"{method.name}: {method.summary}", *([f"  {method.source}"] if method.source else [])]
    rows = [
        (p["name"], "required" if p["required"] else f"default {p['default']}", p["type"])
        for p in method.parameters
    ]
    lines += [f"  {_traits_in_words(method.traits)}"] if method.traits else []
    return "\n".join([*lines, table(rows) if rows else "  no parameters of its own"])


def _traits_in_words(traits: dict[str, Any]) -> str:
    why = traits["why_not_merged"]
    merges = f"does not merge: it {why}" if why else "merges into the base"
    return "; ".join(
        (
            "shares the base" if traits["shares_base"] else "has a copy of the base for each trial",
            "shares forward passes" if traits["packs"] else "takes turns",
            "is a whole model" if traits["trains_whole_model"] else merges,
        )
    )
