"""``astraios-ray score``: judge generations that exist already, without any model."""

from pathlib import Path

import click

import astraios_ray as ar
from astraios_ray.cli.shared_options import json_option, sandbox_python_option, with_sandbox, with_task


@click.command("score")
@click.argument("evaluator")
@click.option(
    "--generations",
    type=click.Path(path_type=Path),
    required=True,
    help="JSON or JSONL, may be gzipped: [problem][sample], one row per description, or rows with ids.",
)
@with_task
@click.option("--jobs", type=click.IntRange(1), help="Programs at a time. Default: one per core.")
@with_sandbox
@sandbox_python_option
@click.option("--quiet", is_flag=True, help="No progress.")
@json_option
def score(
    evaluator: str,
    generations: Path,
    options: tuple[str, ...],
    data: str | None,
    data_root: Path | None,
    limit: int | None,
    jobs: int | None,
    kind: str,
    sandbox_python: str,
    consent: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Score GENERATIONS of a model with EVALUATOR, a built-in name or a path.

    Programs are judged in the sandbox; equal ones once. Every problem's own reference must pass.
    """
    scored = ar.score(
        evaluator,
        generations,
        options=options,
        data=data,
        data_root=data_root,
        limit=limit,
        jobs=jobs,
        sandbox=kind,
        sandbox_python=sandbox_python,
        consent=consent,
        progress=not quiet,
    )
    click.echo(scored.as_json() if as_json else scored.as_text())
