"""``astraios-ray models``: the base models that are built in, and how to give others."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import click

from astraios_ray.aligned_text import table
from astraios_ray.cli.shared_options import json_option


@dataclass(frozen=True)
class Builtin:
    """One embedded model with its shape."""

    id: str
    parameters: int
    width: int
    layers: int
    heads: int


@click.command()
@json_option
def models(as_json: bool) -> None:
    """List the built-in models and the architectures whose layers are known."""
    from astraios_ray.models.target_modules import KNOWN

    builtin = _builtin()
    if as_json:
        architectures = [asdict(target_modules) for target_modules in KNOWN.values()]
        click.echo(
            json.dumps(
                {"builtin": [vars(model) for model in builtin], "architectures": architectures}, indent=2
            )
        )
        return
    rows = [
        (m.id, f"{m.parameters:,} parameters", f"{m.layers} layers of {m.width}, {m.heads} heads")
        for m in builtin
    ]
    click.echo(f"Built in, made on first use without downloads:\n{table(rows)}\n")
    click.echo(f"Known architectures, with the layers that methods adapt:\n{table(_target_modules(KNOWN))}\n")
    click.echo(_OTHERS)


_OTHERS = """Others: a hub id with its revision, or a folder with config.json and *.safetensors:
  --set model.id=bigcode/starcoderbase-1b --set model.revision=<commit>
  --set model.id=./my-model
An architecture that is not listed needs model.target_modules, the endings of its linear layers' names:
  model: {id: ./my-model, target_modules: {architecture: Mine, attention_in: [q_proj, k_proj, v_proj],
          attention_out: [o_proj], mlp_in: [up_proj], mlp_out: [down_proj], key_value: [k_proj, v_proj]}}"""


def _builtin() -> list[Builtin]:
    from astraios_ray.models.load_base import empty_from
    from astraios_ray.models.nano import SHAPES, nano_config

    entries = []
    for name, (width, layers, heads) in SHAPES.items():
        parameters = sum(p.numel() for p in empty_from(nano_config(name)).parameters())
        entries.append(Builtin(f"builtin:{name}", parameters, width, layers, heads))
    return entries


def _target_modules(architectures: dict[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for name, target_modules in architectures.items():
        fields = {key: value for key, value in asdict(target_modules).items() if key != "architecture"}
        rows.append((name, "; ".join(f"{key}: {', '.join(value)}" for key, value in fields.items())))
    return rows
