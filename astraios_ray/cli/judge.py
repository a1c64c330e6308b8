"""``astraios-ray judge``: run programs that nobody trusts against their tests, in the sandbox."""

import json
from pathlib import Path

import click

import astraios_ray as ar
from astraios_ray.cli.shared_options import sandbox_python_option, with_sandbox

LANGUAGES = ("python", "java", "c", "cpp", "js", "go", "rust")


@click.command("judge")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--language", type=click.Choice(LANGUAGES), default="python", show_default=True)
@click.option("--mode", type=click.Choice(["function", "program"]), default="function", show_default=True)
@click.option("--jobs", type=click.IntRange(1), help="Programs at a time. Default: one per core.")
@click.option("--quiet", is_flag=True, help="No progress.")
@with_sandbox
@sandbox_python_option
@click.pass_context
def judge(
    ctx: click.Context,
    file: Path,
    language: str,
    mode: str,
    jobs: int | None,
    quiet: bool,
    kind: str,
    sandbox_python: str,
    consent: str | None,
) -> None:
    """Judge the programs of FILE (JSON lines; - is standard input), a verdict a line, in their order.

    A row holds id, either program or prompt and completion, and what judges it: a function has a test, and
    in Python an entry_point, in cpp, js, go and rust a signature; a program has stdin and expected. Only the
    verdict "passed" counts as passed; "unscored" says that there is no verdict, since the sandbox broke three
    times or the test cannot be run, and ends with exit code 1.
    """
    programs = ar.judge(
        file,
        language=language,
        mode=mode,
        jobs=jobs,
        sandbox=kind,
        sandbox_python=sandbox_python,
        consent=consent,
        progress=not quiet,
    )
    judged = unscored = 0
    for program in programs:
        judged += 1
        unscored += program.unscored
        click.echo(json.dumps(program.document()))
    if unscored:
        click.echo(f"Error: {unscored} of {judged} programs have no verdict; `detail` says why.", err=True)
        ctx.exit(1)
