"""``astraios-ray compare``: studies side by side."""

import json
import re
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

import astraios_ray as ar
from astraios_ray.aligned_text import table
from astraios_ray.cli.shared_options import json_option
from astraios_ray.report.tables import Table
from astraios_ray.report.wording import unbroken

WIDTH = 100  # characters
UNITS = {"": 1.0, "k": 1e3, "M": 1e6, "B": 1e9}


class Parameters(click.ParamType[float]):
    """A number of parameters: ``7B``, ``1.5M``, ``3.2e6``."""

    name = "parameters"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number. Text that is no number fails with examples of one."""
        match = re.fullmatch(r"(\d+(?:\.\d*)?(?:e\d+)?)([kMB]?)", str(value))
        if not match or not float(match[1]):
            self.fail(f"found {value!r}; write a number of parameters such as 7B, 350M or 3.2e6", param, ctx)
        return float(match[1]) * UNITS[match[2]]


@click.command()
@click.argument("runs", nargs=-1, required=True)
@click.option(
    "--at",
    type=Parameters(),
    metavar="N",
    help="Base parameters to foretell losses at: 7B, 350M. Default: one more step up.",
)
@click.option("--with", "published", metavar="PAPER", help="Lay a paper's scores beside: astraios.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the same as one page.")
@json_option
def compare(
    runs: tuple[str, ...], at: float | None, published: str | None, html: Path | None, as_json: bool
) -> None:
    """Put studies side by side: each method's best in every RUN, and which differences are more than luck.

    RUN is as for `report`; two or more, or one beside a paper's scores. Studies of two or more sizes of
    base model also say how losses and the methods' order change with size.
    """
    from astraios_ray.report.sections.studies import plain, rows, sentences

    studies = ar.compare(runs, at=at, published=published, html=html)
    if as_json:
        click.echo(json.dumps(plain(studies), indent=2, allow_nan=False))
        return
    parts = [table(rows(studies), indent=""), _wrapped(sentences(studies))]
    for part in studies.sections:
        parts += [f"{part.title}\n{_wrapped(part.sentences, '  ')}"]
        parts += [f"{title}\n{table(_cells(content))}" for title, content in part.tables]
    click.echo("\n\n".join(parts))


def _wrapped(sentences: Iterable[str], indent: str = "") -> str:
    return "\n".join(
        textwrap.fill(unbroken(sentence), WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ")
        for sentence in sentences
    )


def _cells(content: Table) -> list[list[str]]:
    return [list(content.titles), *([cell.text for cell in line] for line in content.lines)]
