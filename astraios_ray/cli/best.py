"""``astraios-ray best``: the best configuration, for a person or a program."""

import json
import shlex

import click

from astraios_ray.cli.options import json_option
from astraios_ray.cli.recorded import read_record
from astraios_ray.config.problems import near
from astraios_ray.errors import ConfigError


@click.command()
@click.argument("run")
@click.argument("method", required=False)
@json_option
def best(run: str, method: str | None, as_json: bool) -> None:
    """Print the best trial of the study in RUN, or the best of METHOD.

    RUN is as for `report`. With --json: the trial as in leaderboard.json, and its whole recipe.
    """
    from astraios_ray.records import encode
    from astraios_ray.report.document import document
    from astraios_ray.report.leaderboard import leaderboard
    from astraios_ray.report.verdict import describe
    from astraios_ray.report.wording import at_step, denominator, loss, title, with_interval

    board = leaderboard(read_record(run))
    rows = [row for row in board.ranked if method in (None, row.method)]
    if method is not None and method not in board.methods:
        raise ConfigError(
            f"{run}: no method {method!r}{near(method, board.methods)}; there are {', '.join(board.methods)}"
        )
    if not rows:
        raise ConfigError(f"{run}: no trial{f' of {method}' if method else ''} can be ranked yet.")
    first = rows[0]
    if as_json:
        found = next(each for each in document(board)["trials"] if each["trial"] == first.trial)
        recipe = encode(first.result.spec)["recipe"]
        click.echo(json.dumps({**found, "recipe": recipe}, indent=2, default=str))
        return
    click.echo(describe(first))
    if first.score is not None:
        number = with_interval(first.value, first.interval)
        click.echo(f"  {title(board.ranking)} on {board.task}: {number} over {denominator(first.score)}")
    click.echo(f"  validation loss: {loss(first.validation_loss)} at step {at_step(first.result)}")
    if first.result.checkpoint is not None:
        click.echo(f"  astraios-ray export {shlex.quote(run)} {first.trial}")
