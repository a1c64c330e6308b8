"""``astraios-ray explain``: what a study found, in plain words."""

import json
import textwrap

import click

import astraios_ray as ar
from astraios_ray.cli.shared_options import json_option
from astraios_ray.report.wording import unbroken

WIDTH = 100  # characters
UNPRINTED = "\n\u00a0"  # not printable by str.isprintable, but allowed in the text


@click.command()
@click.argument("run")
@json_option
def explain(run: str, as_json: bool) -> None:
    """Say in plain words what the study in RUN found, and how far to trust it.

    RUN is as for `report`. The words come from the numbers by fixed rules; no language model writes them.
    """
    explanation = ar.explain(run)
    if as_json:
        click.echo(json.dumps(explanation.document(), indent=2, allow_nan=False))
        return
    blocks = [_lines("The answer", [explanation.verdict])]
    blocks += [_lines("Before you rely on it", explanation.warnings)] if explanation.warnings else []
    blocks += [_lines(part.title, part.sentences) for part in explanation.parts if part.sentences]
    click.echo("\n\n".join(blocks))


def _lines(title: str, sentences: list[str] | tuple[str, ...]) -> str:
    wrapped = (
        textwrap.fill(unbroken(sentence), WIDTH, initial_indent="  ", subsequent_indent="  ")
        for sentence in sentences
    )
    text = "\n".join([title, *wrapped])
    return "".join(sign for sign in text if sign.isprintable() or sign in UNPRINTED)
