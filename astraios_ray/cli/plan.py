"""``astraios-ray plan``: what a study would run, whether it fits and what it would cost."""

import json
import sys
from dataclasses import asdict

import click

import astraios_ray as ar
from astraios_ray.cli.shared_options import json_option, set_option

NOTHING_FITS = 4  # exit code


@click.command()
@click.argument("study")
@set_option
@click.option(
    "--show-tokens", is_flag=True, help="The tokens as trained and as each evaluator asks, side by side."
)
@json_option
def plan(study: str, overrides: tuple[str, ...], show_tokens: bool, as_json: bool) -> None:
    """Say what STUDY (a file, or a built-in name like quickstart) would run and take. Uses no GPU.

    Exits with 2 when a method cannot be put on the model or the model cannot read the rows, with 4 when no
    method's trial fits into the memory.
    """
    study_plan = ar.plan(study, overrides)
    from astraios_ray.cli.plan_text import as_text

    as_data, texts = study_plan.document(), [as_text(study_plan)]
    if show_tokens:
        from astraios_ray.cli.tokens_text import tokens_as_text
        from astraios_ray.studies.show_tokens import token_page

        page = token_page(study_plan.config)
        as_data["tokens"] = asdict(page)
        texts.append(tokens_as_text(page))
    click.echo(json.dumps(as_data, indent=2) if as_json else "\n\n".join(texts))
    if study_plan.problems:
        sys.exit(2)
    if study_plan.fits is False:
        sys.exit(NOTHING_FITS)
