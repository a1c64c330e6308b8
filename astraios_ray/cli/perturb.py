"""``astraios-ray perturb``: rows in HumanEval's format, changed in ways that change no meaning."""

import json
import sys
from pathlib import Path

import click

from astraios_ray.cli.shared_options import json_option
from astraios_ray.tasks.perturbations.transformation import CATEGORIES


@click.command("perturb")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--category", type=click.Choice(CATEGORIES), help="All transformations of a category.")
@click.option("--transformation", "names", multiple=True, metavar="NAME", help="One by name. Repeatable.")
@click.option("--seed", "seeds", type=click.IntRange(0), multiple=True, help="Default: 0. Repeatable.")
@click.option("--nominal", is_flag=True, help="The rows as they are before, too: what robustness is against.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: standard output.")
@click.option("--list", "listed", is_flag=True, help="List the transformations.")
@click.option("--jobs", type=click.IntRange(1), help="References at a time. Default: one per core.")
@json_option
def perturb(
    file: Path | None,
    category: str | None,
    names: tuple[str, ...],
    seeds: tuple[int, ...],
    nominal: bool,
    output: Path | None,
    listed: bool,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Perturb the problems of FILE (JSON lines in HumanEval's format, may be gzipped).

    Every perturbed reference is run in the sandbox. Rows whose own no longer passes are left out and listed
    on standard error. --json prints a summary, and then needs --output for the rows.
    """
    from astraios_ray.studies.perturb import choose_transformations, listing, perturb_file

    if listed:
        click.echo(listing(as_json))
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    if as_json and output is None:
        raise click.UsageError("--json prints a summary: give a file for the rows (--output FILE).")
    transformations = choose_transformations(category, names)
    result = perturb_file(file, transformations, seeds or (0,), nominal=nominal, jobs=jobs)
    for excluded in result.excluded:
        click.echo(f"excluded {excluded.row.id}: {excluded.reason}", err=True)
    lines = "".join(f"{json.dumps(row.as_json())}\n" for row in result.rows)
    if output is None:
        sys.stdout.write(lines)
    else:
        output.write_text(lines)
    click.echo(result.as_json() if as_json else result.as_text(), err=not as_json)
