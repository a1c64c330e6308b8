"""``astraios-ray report``: the report anew, from what a study recorded."""

import webbrowser
from pathlib import Path

import click

import astraios_ray as ar


@click.command()
@click.argument("run")
@click.option("--open", "in_browser", is_flag=True, help="Open the page in a browser.")
@click.option(
    "--price-per-hour",
    type=click.FloatRange(min=0),
    metavar="X",
    help="Of everything the study ran on, in any currency: adds what it cost.",
)
@click.option("--to", type=click.Path(path_type=Path), help="Default: the run folder.")
@click.option(
    "--peft", type=click.Path(path_type=Path), help="Also write results as peft's method_comparison has them."
)
def report(
    run: str, in_browser: bool, price_per_hour: float | None, to: Path | None, peft: Path | None
) -> None:
    """Make the report of the study in RUN anew: leaderboard.json, leaderboard.md and report/index.html.

    RUN is a run folder, a study's name below ./runs, or results of peft's method_comparison: a CSV, a JSON
    file or a folder of JSON files. It works beside a running search and after a crash.
    """
    study = ar.open_run(run)
    if to is None and not study.has_folder:
        raise click.UsageError(f"{study} is no run folder: say with --to where the report should be.")
    paths = ar.write_report(study, to=to, price_per_hour=price_per_hour, peft=peft)
    click.echo("\n".join(map(str, paths)))
    if in_browser:
        webbrowser.open(paths[2].resolve().as_uri())
