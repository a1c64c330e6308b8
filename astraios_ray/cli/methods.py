"""``astraios-ray methods``: what can be compared, with every method's parameters, defaults and source."""

import json
from typing import TYPE_CHECKING, Any

import click

import astraios_ray as ar
from astraios_ray.aligned_text import table
from astraios_ray.cli.shared_options import json_option

if TYPE_CHECKING:
    from astraios_ray.studies.methods import MethodDescription


@click.command()
@click.argument("name", required=False)
@json_option
def methods(name: str | None, as_json: bool) -> None:
    """List the methods with their parameters and defaults, or show the method NAME (also peft:<TYPE>)."""
    described = ar.list_methods(name)
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


def _as_text(method: "MethodDescription") -> str:
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
