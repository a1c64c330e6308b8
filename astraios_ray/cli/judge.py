"""``astraios-ray judge``: run programs that nobody trusts against their tests, in the sandbox."""

import json
import os
import sys
from pathlib import Path
from time import monotonic

import click

from astraios_ray.cli.shared_options import with_sandbox


@click.command("judge")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--language", type=click.Choice(["python", "java", "c"]), default="python", show_default=True)
@click.option("--mode", type=click.Choice(["function", "program"]), default="function", show_default=True)
@click.option("--jobs", type=click.IntRange(1), help="Programs at a time. Default: one per core.")
@click.option("--quiet", is_flag=True, help="No progress.")
@with_sandbox
@click.pass_context
def judge(
    ctx: click.Context,
    file: Path,
    language: str,
    mode: str,
    jobs: int | None,
    quiet: bool,
    kind: str,
    consent: str | None,
) -> None:
    """Judge the programs of FILE (JSON lines; - is standard input), a verdict a line, in their order.

    A row holds id, either program or prompt and completion, and what judges it: a function has a test, and
    in Python an entry_point; a program has stdin and expected. Only the verdict "passed" counts as passed;
    "unscored" says that the sandbox broke three times, and ends with exit code 1.
    """
    from astraios_ray.records import Outcome
    from astraios_ray.sandbox.choose import choose_sandbox
    from astraios_ray.sandbox.many import check_many
    from astraios_ray.sandbox.self_test import check_language
    from astraios_ray.studies.judge import read_rows

    rows = read_rows(file, language, mode)
    sandbox = choose_sandbox(kind, consent, file.name)
    check_language(sandbox, language)
    level = sandbox.describe()["level"]
    ends = check_many(sandbox, [row.check for row in rows], jobs or len(os.sched_getaffinity(0)))
    unscored, told_at = 0, monotonic()
    for number, (row, end) in enumerate(zip(rows, ends, strict=True), start=1):
        unscored += end.outcome is Outcome.UNSCORED
        answer = {
            "id": row.id,
            "verdict": end.outcome.value,
            "detail": end.detail,
            "wall_ms": round(1000 * end.wall_seconds, 1),
            "cpu_ms": round(1000 * end.cpu_seconds, 1),
            "level": level,
        }
        click.echo(json.dumps(answer))
        if not quiet and (monotonic() - told_at > 1 or number == len(rows)):
            told_at = monotonic()
            click.echo(f"judged {number} of {len(rows)}", file=sys.stderr)
    if unscored:
        click.echo(f"Error: {unscored} of {len(rows)} programs are unscored: the sandbox broke.", err=True)
        ctx.exit(1)
