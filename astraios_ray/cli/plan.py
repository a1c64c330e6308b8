"""``astraios-ray plan``: what a study would run, whether it fits and what it would cost."""

import json
import sys
from dataclasses import asdict

import click

from astraios_ray.cli.shared_options import json_option, set_option
from astraios_ray.importing import swift_imports

NOTHING_FITS = 4  # exit code


@click.command()
@click.argument("study")
@set_option
@json_option
def plan(study: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Say what STUDY (a file, or a built-in name like quickstart) would run and take. Uses no GPU.

    Exits with 2 when a method cannot be put on the model, with 4 when no method's trial fits into the memory.
    """
    from astraios_ray.studies.load_study import read_study

    with swift_imports():
        config, space = read_study(study, overrides)
        # imported late, since these import torch: a mistake in the study is told at once
        from astraios_ray.cli.plan_text import as_text
        from astraios_ray.studies.plan import make_plan

    study_plan = make_plan(config, space)
    as_data = {**asdict(study_plan), "problems": study_plan.problems, "fits": study_plan.fits}
    click.echo(json.dumps(as_data, indent=2) if as_json else as_text(config, study_plan))
    if study_plan.problems:
        sys.exit(2)
    if study_plan.fits is False:
        sys.exit(NOTHING_FITS)
