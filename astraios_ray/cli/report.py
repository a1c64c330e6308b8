"""``astraios-ray report``: the report anew, from what a study recorded."""

import webbrowser
from pathlib import Path

import click

from astraios_ray.studies.load_record import read_record
from astraios_ray.studies.run_folders import is_run


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
    from astraios_ray.report.write import write_report

    record = read_record(run)
    if to is None and not is_run(Path(record.folder)):
        raise click.UsageError(f"{record.folder} is no run folder: say with --to where the report should be.")
    paths = write_report(record, to or Path(record.folder), price_per_hour)
    if peft is not None:
        from astraios_ray.report.analysis.peft_results import write_results

        paths += write_results(record, peft)
    click.echo("\n".join(map(str, paths)))
    if in_browser:
        webbrowser.open(paths[2].resolve().as_uri())
