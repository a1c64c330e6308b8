"""``astraios-ray models``: the base models that are built in, and how to give others."""

import json
from collections.abc import Mapping
from dataclasses import asdict

import click

import astraios_ray as ar
from astraios_ray.aligned_text import table
from astraios_ray.cli.shared_options import json_option
from astraios_ray.records import TargetModules


@click.command()
@json_option
def models(as_json: bool) -> None:
    """List the built-in models, and the architectures whose target modules are fixed."""
    base_models = ar.list_models()
    if as_json:
        click.echo(json.dumps(base_models.document(), indent=2))
        return
    rows = [
        (m.id, f"{m.parameters:,} parameters", f"{m.layers} layers of {m.width}, {m.heads} heads")
        for m in base_models.builtin
    ]
    click.echo(f"Built in, made on first use without downloads:\n{table(rows)}\n")
    architectures = table(_target_modules(base_models.architectures))
    click.echo(f"Architectures whose target modules are fixed:\n{architectures}\n")
    click.echo(_OTHERS)


_OTHERS = """Others: a hub id with its revision, or a folder with config.json and *.safetensors:
  --set model.id=bigcode/starcoderbase-1b --set model.revision=<commit>
  --set model.id=./my-model
The target modules of another architecture are read from the structure of the model; `astraios-ray plan` says
which they are. To adapt others, give model.target_modules, the endings of the layers' names:
  model: {id: ./my-model, target_modules: {architecture: Mine, attention_in: [q_proj, k_proj, v_proj],
          attention_out: [o_proj], mlp_in: [up_proj], mlp_out: [down_proj], key_value: [k_proj, v_proj]}}"""


def _target_modules(architectures: Mapping[str, TargetModules]) -> list[tuple[str, str]]:
    rows = []
    for name, target_modules in architectures.items():
        fields = {key: value for key, value in asdict(target_modules).items() if key != "architecture"}
        rows.append((name, "; ".join(f"{key}: {', '.join(value)}" for key, value in fields.items())))
    return rows
