"""``astraios-ray best``: the best configuration, for a person, a program or another study."""

import json
import shlex
from collections.abc import Sequence

import click
import yaml

from astraios_ray.cli.shared_options import json_option
from astraios_ray.config.config_problems import near
from astraios_ray.errors import ConfigError
from astraios_ray.records import Value
from astraios_ray.studies.load_record import read_record

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
    from astraios_ray.records import encode
    from astraios_ray.report.analysis.leaderboard import leaderboard
    from astraios_ray.report.analysis.warm_start import first_points
    from astraios_ray.report.render.document import document
    from astraios_ray.report.sections.conclusion import describe
    from astraios_ray.report.wording import at_step, denominator, loss, title, with_interval

    board = leaderboard(read_record(run))
    rows = [row for row in board.ranked if method in (None, row.method)]
    if method is not None and method not in board.methods:
        raise ConfigError(
            f"{run}: no method {method!r}{near(method, board.methods)}; there are {', '.join(board.methods)}"
        )
    if not rows:
        raise ConfigError(f"{run}: no trial{f' of {method}' if method else ''} can be ranked yet.")
    if enqueue:
        points = [point for point in first_points(board) if method in (None, point["method"])]
        click.echo(json.dumps(points, indent=2) if as_json else _as_yaml(points))
        return
    first = rows[0]
    if as_json:
        entry = next(trial for trial in document(board)["trials"] if trial["trial"] == first.trial)
        recipe = encode(first.result.spec)["recipe"]
        click.echo(json.dumps({**entry, "recipe": recipe}, indent=2, default=str))
        return
    click.echo(describe(first))
    if first.score is not None:
        number = with_interval(first.value, first.interval)
        click.echo(f"  {title(board.ranking)} on {board.task}: {number} over {denominator(first.score)}")
    click.echo(f"  validation loss: {loss(first.validation_loss)} at step {at_step(first.result)}")
    if first.result.checkpoint is not None:
        click.echo(f"  astraios-ray export {shlex.quote(run)} {first.trial}")


def _as_yaml(points: Sequence[dict[str, Value]]) -> str:
    """A point a line, to stand under ``enqueue:`` in a study file or behind ``--set enqueue=``."""
    lines = (yaml.safe_dump(point, default_flow_style=True, sort_keys=False, width=WIDTH) for point in points)
    return "\n".join(f"- {line.strip()}" for line in lines)
