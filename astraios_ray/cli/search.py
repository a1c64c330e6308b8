"""``astraios-ray search``: run a study, or go on with it, and end with a ranked answer."""

import sys
from contextlib import ExitStack
from typing import Any

import click

from astraios_ray.cli.shared_options import set_option, with_sandbox


@click.command("search")
@click.argument("study")
@set_option
@click.option("--backend", type=click.Choice(["ray", "local"]), default="ray", help="local: in this process.")
@click.option("--address", help="An existing Ray cluster. Default: one starts here and ends with the search.")
@click.option("--fresh", is_flag=True, help="Start anew; a run folder that is there is renamed, not deleted.")
@click.option("--extend", is_flag=True, help="Go on although the budget or the evaluation changed.")
@with_sandbox
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--json", "as_json", is_flag=True, help="Progress and result as JSON.")
def search(
    study: str, overrides: tuple[str, ...], quiet: bool, as_json: bool, **session_options: Any
) -> None:
    """Run STUDY (a file, or a built-in name such as quickstart). The same command again goes on."""
    from astraios_ray.config.content import resolve
    from astraios_ray.config.read_study import load_study
    from astraios_ray.displays.choose_display import choose

    file = resolve("study", study)
    config = load_study(file, overrides)  # before torch is imported: a mistake is told at once
    display = choose(quiet, as_json, sys.stderr)
    with ExitStack() as stack:
        if session_options["backend"] == "ray" and session_options["address"] is None:
            from astraios_ray.cli.parallel_start import ray_started

            stack.enter_context(ray_started())
        from astraios_ray.studies.search import Session

        session = stack.enter_context(Session(config, file, display, **session_options))
        session.run()
    click.echo(session.answer(as_json=as_json))
