"""``astraios-ray compare``: studies side by side."""

import json
import textwrap

import click

from astraios_ray.cli.options import json_option
from astraios_ray.cli.recorded import read_record
from astraios_ray.cli.tables import table

WIDTH = 100  # characters


@click.command()
@click.argument("runs", nargs=-1, required=True)
@json_option
def compare(runs: tuple[str, ...], as_json: bool) -> None:
    """Put studies side by side: each method's best in every RUN, and which differences are more than luck.

    RUN is as for `report`; two or more.
    """
    from astraios_ray.report.studies import plain, rows, sentences, side_by_side

    if len(set(runs)) < 2:
        raise click.UsageError(f"Give two or more different runs; found {', '.join(runs)}.")
    studies = side_by_side([read_record(run) for run in runs])
    if as_json:
        click.echo(json.dumps(plain(studies), indent=2))
        return
    said = (textwrap.fill(each, WIDTH, subsequent_indent="  ") for each in sentences(studies))
    click.echo("\n".join([table(rows(studies), indent=""), "", *said]))
