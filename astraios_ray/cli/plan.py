"""``astraios-ray plan``: what a study would run, whether it fits and what it would cost."""

import json
import sys

import click

import astraios_ray as ar
from astraios_ray.cli.shared_options import json_option, set_option

NOTHING_FITS = 4  # exit code


@click.command()
@click.argument("study")
@set_option
@json_option
def plan(study: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Say what STUDY (a file, or a built-in name like quickstart) would run and take. Uses no GPU.

    Exits with 2 when a method cannot be put on the model, with 4 when no method's trial fits into the memory.
    """
    study_plan = ar.plan(study, overrides)
    from astraios_ray.cli.plan_text import as_text

    click.echo(json.dumps(study_plan.document(), indent=2) if as_json else as_text(study_plan))
    if study_plan.problems:
        sys.exit(2)
    if study_plan.fits is False:
        sys.exit(NOTHING_FITS)
