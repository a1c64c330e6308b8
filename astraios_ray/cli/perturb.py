"""``astraios-ray perturb``: rows in HumanEval's format, changed in ways that change no meaning."""

import json
import sys
from pathlib import Path

import click

import astraios_ray as ar
from astraios_ray.aligned_text import table
from astraios_ray.cli.shared_options import json_option
from astraios_ray.errors import ConfigError
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
    if listed:
        click.echo(_listing(as_json))
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    if as_json and output is None:
        raise click.UsageError("--json prints a summary: give a file for the rows (--output FILE).")
    if not category and not names:
        raise click.UsageError("Give --category, --transformation, or --list to see what there is.")
    try:
        result = ar.perturb(
            file, category=category, transformations=names, seeds=seeds or (0,), nominal=nominal, jobs=jobs
        )
    except ConfigError as error:  # flags that do not fit each other
        raise click.UsageError(f"--transformation {error}") from error
    for excluded in result.excluded:
        click.echo(f"excluded {excluded.row.id}: {excluded.reason}", err=True)
    lines = "".join(f"{json.dumps(row.as_json())}\n" for row in result.rows)
    if output is None:
        sys.stdout.write(lines)
    else:
        output.write_text(lines)
    click.echo(result.as_json() if as_json else result.as_text(), err=not as_json)


def _listing(as_json: bool) -> str:
    """The transformations with their categories, whether a seed matters, and what they do."""
    transformations = ar.list_transformations()
    if as_json:
        keys = ("name", "category", "random", "says")
        return json.dumps([{key: getattr(one, key) for key in keys} for one in transformations])
    return table(
        (one.name, one.category, "seeded" if one.random else "", one.says) for one in transformations
    )
