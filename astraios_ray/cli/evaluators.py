"""``astraios-ray evaluators``: what models can be asked, and how one question reads."""

import json
from pathlib import Path
from typing import Any

import click

import astraios_ray as ar
from astraios_ray.aligned_text import table
from astraios_ray.cli.shared_options import json_option, with_task


@click.command("evaluators")
@click.argument("name", required=False)
@click.option("--row", type=click.IntRange(0), help="Show the prompts of this problem, counted from 0.")
@with_task
@json_option
def evaluators(
    name: str | None,
    row: int | None,
    options: tuple[str, ...],
    data: str | None,
    data_root: Path | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List the evaluators, or show the evaluator NAME (a built-in name or a path) and its prompts."""
    if name is None:
        if row is not None:
            raise click.UsageError("--row needs the NAME of an evaluator.")
        listed = [evaluator.document() for evaluator in ar.list_evaluators()]
        click.echo(json.dumps(listed, indent=2) if as_json else "\n\n".join(map(_as_text, listed)))
        return
    described = ar.show_evaluator(
        name, row=row, options=options, data=data, data_root=data_root, limit=limit
    ).document()
    click.echo(json.dumps(described, indent=2) if as_json else _as_text(described))


def _as_text(described: dict[str, Any]) -> str:
    options = [
        (f"--option {name}=", "(empty)" if value == "" else value)
        for name, value in described["options"].items()
    ]
    ways = ["greedy"] * described["greedy"] + ["runs programs"] * described["executes"]
    lines = [
        f"{described['name']}: {described['summary']}",
        f"  ranked by {', '.join([described['ranking'], *ways])}",
        *([table(options)] if options else []),
    ]
    for number, prompt in enumerate(described.get("prompts", ()), start=1):
        lines += [f"\n--- {prompt['problem']}, stage {number}", prompt["prompt"], "---"]
    return "\n".join(lines)
