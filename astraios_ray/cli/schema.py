"""``astraios-ray schema``: the JSON schema of study files, so that editors complete and check them."""

import json

import click


@click.command()
@click.argument("kind", type=click.Choice(["study", "space"]), default="study")
def schema(kind: str) -> None:
    """Print the JSON schema of a study file, or of a method's search space.

    Save it and begin a file with: # yaml-language-server: $schema=study.schema.json
    """
    from astraios_ray.config.schema import json_schema, space_schema

    click.echo(json.dumps(json_schema() if kind == "study" else space_schema(), indent=2))
