"""``astraios-ray score``: judge generations that exist already, without any model."""

from pathlib import Path
from typing import Any

import click

from astraios_ray.cli.shared_options import json_option, with_sandbox, with_task


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
@click.option("--quiet", is_flag=True, help="No progress.")
@json_option
def score(
    evaluator: str,
    generations: Path,
    limit: int | None,
    jobs: int | None,
    kind: str,
    consent: str | None,
    quiet: bool,
    as_json: bool,
    **task_arguments: Any,
) -> None:
    """Score GENERATIONS of a model with EVALUATOR, a built-in name or a path.

    Programs are judged in the sandbox; equal ones once. Every problem's own reference must pass.
    """
    from astraios_ray.evaluation.generations_file import read_generations
    from astraios_ray.studies.score import Judging, rescore
    from astraios_ray.studies.task_arguments import task_from_arguments

    task = task_from_arguments(evaluator, **task_arguments)
    judging = Judging(jobs, kind, consent, quiet)
    scored = rescore(task, read_generations(generations, limit), judging)
    click.echo(scored.as_json() if as_json else scored.as_text())
