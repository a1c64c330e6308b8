"""``astraios-ray best``: the best configuration, for a person, a program or another study."""

import json
import shlex
from collections.abc import Iterator, Sequence

import click
import yaml

import astraios_ray as ar
from astraios_ray.cli.shared_options import json_option
from astraios_ray.records import Value, encode

WIDTH = 10_000  # characters: a point stays on its line


@click.command()
@click.argument("run")
@click.argument("method", required=False)
@click.option("--enqueue", is_flag=True, help="Print the best of every method for another study's enqueue.")
@json_option
def best(run: str, method: str | None, enqueue: bool, as_json: bool) -> None:
    """Print the best trial of the study in RUN, or the best of METHOD.

    RUN is as for `report`. With --json: the trial as in leaderboard.json, and its whole recipe. With
    --enqueue: points that a study on a larger model can begin with, as YAML.
    """
    from astraios_ray.report.render.document import trial_document

    if enqueue:
        points = ar.first_points(run, method)
        click.echo(json.dumps(points, indent=2) if as_json else _as_yaml(points))
        return
    row = ar.best(run, method)
    if as_json:
        recipe = encode(row.entry.result.spec)["recipe"]
        click.echo(json.dumps({**trial_document(row.entry), "recipe": recipe}, indent=2, default=str))
        return
    click.echo("\n".join(_lines(run, row)))


def _lines(run: str, row: ar.TrialRow) -> Iterator[str]:
    from astraios_ray.report.sections.conclusion import describe
    from astraios_ray.report.wording import at_step, denominator, loss, title, with_interval

    yield describe(row.entry)
    score = row.entry.score
    if score is not None:
        number = with_interval(row.score, row.score_interval)
        yield f"  {title(score.ranking)} on {score.evaluator}: {number} over {denominator(score)}"
    yield f"  validation loss: {loss(row.validation_loss)} at step {at_step(row.entry.result)}"
    if row.entry.result.checkpoint is not None:
        yield f"  astraios-ray export {shlex.quote(run)} {row.trial}"


def _as_yaml(points: Sequence[dict[str, Value]]) -> str:
    """A point a line, to stand under ``enqueue:`` in a study file or behind ``--set enqueue=``."""
    lines = (yaml.safe_dump(point, default_flow_style=True, sort_keys=False, width=WIDTH) for point in points)
    return "\n".join(f"- {line.strip()}" for line in lines)
