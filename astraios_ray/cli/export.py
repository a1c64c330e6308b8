"""``astraios-ray export``: a trial's adapter or whole model, as a folder of its own."""

import json
from pathlib import Path

import click

import astraios_ray as ar
from astraios_ray.cli.shared_options import changes_option, json_option


@click.command()
@click.argument("run")
@click.argument("trial", required=False)
@click.option("--to", type=click.Path(path_type=Path), help="Default: export/<trial> in the run folder.")
@click.option("--merge", is_flag=True, help="Fold the adapter into the base: a plain transformers model.")
@click.option("--force", is_flag=True, help="Replace an earlier export.")
@changes_option
@json_option
def export(
    run: str,
    trial: str | None,
    to: Path | None,
    merge: bool,
    force: bool,
    despite_changes: bool,
    as_json: bool,
) -> None:
    """Write TRIAL of the study in RUN into a folder, with a README.md that says how to load it.

    RUN is a run folder or a study's name below ./runs. TRIAL is an id, a label, or a method's name for its
    best trial; without it, it is the leaderboard's first.
    """
    output = ar.export(run, trial, to=to, merge=merge, force=force, despite_changes=despite_changes)
    if as_json:
        click.echo(json.dumps(output.document(), indent=2))
        return
    click.echo(f"{output.label}, step {output.step}, is in {output.folder}:")
    click.echo("".join(f"  {file}\n" for file in output.files))
    click.echo(output.snippet)
