"""``astraios-ray search``: run a study, or go on with it, and end with a ranked answer."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

import astraios_ray as ar
from astraios_ray.cli.shared_options import set_option, with_sandbox
from astraios_ray.errors import RayLost
from astraios_ray.studies.ending_signals import heed_second_signal
from astraios_ray.studies.parent_pipe import PARENT
from astraios_ray.studies.search_process import searched_in_child

if TYPE_CHECKING:
    from astraios_ray.studies.search import BackendName


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
@click.pass_context
def search(
    ctx: click.Context,
    study: str,
    overrides: tuple[str, ...],
    backend: "BackendName",
    address: str | None,
    fresh: bool,
    extend: bool,
    kind: str,
    consent: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Run STUDY (a file, or a built-in name such as quickstart). The same command again goes on."""
    if ctx.obj and backend == "ray":  # this process is the command's own
        code = searched_in_child(_note_in(quiet, as_json))
        if code is not None:
            ctx.exit(code)
    if ctx.obj:
        heed_second_signal()
    from astraios_ray.displays.choose_display import choose
    from astraios_ray.report.render.document import leaderboard_json
    from astraios_ray.report.render.text import text

    display = choose(quiet, as_json, sys.stderr)
    try:
        run = ar.search(
            study,
            overrides,
            backend=backend,
            address=address,
            fresh=fresh and not PARENT.folder_is_fresh,
            extend=extend,
            sandbox=kind,
            consent=consent,
            progress=display,
        )
    except RayLost as error:
        if not PARENT.tell(lost=str(error)):
            raise
        ctx.exit(error.exit_code)
    click.echo(leaderboard_json(run.board) if as_json else text(run.record))


def _note_in(quiet: bool, as_json: bool) -> Callable[[str], None]:
    """Shows a note of the process that has no display of its own."""
    from astraios_ray.displays.line_displays import JsonDisplay, PlainDisplay, QuietDisplay

    display = QuietDisplay() if quiet else JsonDisplay(sys.stderr) if as_json else PlainDisplay(sys.stderr)
    return display.note
