"""``astraios-ray status``: how far a study is, without disturbing its search."""

import json

import click

import astraios_ray as ar
from astraios_ray.cli.shared_options import json_option


@click.command()
@click.argument("run")
@json_option
def status(run: str, as_json: bool) -> None:
    """Say how far the study in RUN is: a run folder, or a study's name below ./runs.

    Reads only, and takes no lock: it works beside a running search and after a crash.
    """
    from astraios_ray.cli.status_text import as_text

    progress = ar.status(run)
    click.echo(json.dumps(progress.document(), indent=2, allow_nan=False) if as_json else as_text(progress))
