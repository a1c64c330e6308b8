"""The report anew, from what a study recorded."""

from pathlib import Path

from astraios_ray.errors import ConfigError
from astraios_ray.report import write
from astraios_ray.studies.argument_ranges import check_number
from astraios_ray.studies.run import Run, open_run


def write_report(
    run: Run | Path | str,
    *,
    to: Path | str | None = None,
    price_per_hour: float | None = None,
    peft: Path | str | None = None,
) -> list[Path]:
    """Write leaderboard.json, leaderboard.md and report/index.html; return the paths, in this order.

    ``run`` is as for ``open_run``. ``to`` is a folder, by default the run folder. ``price_per_hour`` is that
    of everything the study ran on. ``peft`` also gets results as peft's method_comparison has them. Raises
    ConfigError for results of another tool without ``to``.
    """
    check_number("price_per_hour", price_per_hour)
    study = open_run(run)
    if to is None and not study.has_folder:
        raise ConfigError(
            f"{study} is no run folder: say with `to` where the report should be.", arguments=["to"]
        )
    paths = write.write_report(study.record, Path(to or study.folder), price_per_hour)
    if peft is not None:
        from astraios_ray.report.analysis.peft_results import write_results

        paths += write_results(study.record, Path(peft))
    return paths
