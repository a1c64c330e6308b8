"""``astraios-ray explain``: what a study found, in plain words."""

import json
import textwrap

import click

from astraios_ray.cli.shared_options import json_option
from astraios_ray.report.wording import unbroken
from astraios_ray.studies.load_record import read_record

WIDTH = 100  # characters
UNPRINTED = "\n\u00a0"  # not printable by str.isprintable, but allowed in the text


@click.command()
@click.argument("run")
@json_option
def explain(run: str, as_json: bool) -> None:
    """Say in plain words what the study in RUN found, and how far to trust it.

    RUN is as for `report`. The words come from the numbers by fixed rules; no language model writes them.
    """
    from astraios_ray.report.analysis.leaderboard import leaderboard
    from astraios_ray.report.render.document import document
    from astraios_ray.report.sections.collect import sections
    from astraios_ray.report.sections.conclusion import verdict, warnings

    board = leaderboard(read_record(run))
    parts = sections(board)
    if as_json:
        content = document(board, parts)
        summary = {key: content[key] for key in ("study", "complete", "verdict", "warnings")}
        click.echo(json.dumps({**summary, "analysis": content.get("analysis")}, indent=2, allow_nan=False))
        return
    blocks = [_lines("The answer", [verdict(board)])]
    blocks += [_lines("Before you rely on it", warnings(board))] if warnings(board) else []
    blocks += [_lines(part.title, part.sentences) for part in parts if part.sentences]
    click.echo("\n\n".join(blocks))


def _lines(title: str, sentences: list[str] | tuple[str, ...]) -> str:
    wrapped = (
        textwrap.fill(unbroken(sentence), WIDTH, initial_indent="  ", subsequent_indent="  ")
        for sentence in sentences
    )
    text = "\n".join([title, *wrapped])
    return "".join(sign for sign in text if sign.isprintable() or sign in UNPRINTED)
