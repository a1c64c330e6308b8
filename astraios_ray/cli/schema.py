"""``astraios-ray schema``: the JSON schema of study files, so that editors complete and check them."""

import json
from typing import Literal

import click

import astraios_ray as ar


@click.command()
@click.argument("kind", type=click.Choice(["study", "space"]), default="study")
def schema(kind: Literal["study", "space"]) -> None:
    """Print the JSON schema of a study file, or of a method's search space.

    Save it and begin a file with: # yaml-language-server: $schema=study.schema.json
    """
    click.echo(json.dumps(ar.schema(kind), indent=2))
