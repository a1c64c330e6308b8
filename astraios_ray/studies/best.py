"""The best trial of a study, or of one of its methods; and the best as points for another study."""

from pathlib import Path

from astraios_ray.config.config_problems import near
from astraios_ray.errors import ConfigError
from astraios_ray.records import Value
from astraios_ray.report.analysis import warm_start
from astraios_ray.studies.run import Run, open_run
from astraios_ray.studies.trial_rows import TrialRow


def best(run: Run | Path | str, method: str | None = None) -> TrialRow:
    """The first trial of a study, or of one ``method``. ``run`` is as for ``open_run``.

    Raises ConfigError for a method that the study does not have, and when no trial can be ranked yet.
    """
    return _best(open_run(run), str(run), method)


def first_points(run: Run | Path | str, method: str | None = None) -> list[dict[str, Value]]:
    """The best of every method, or of one, as points of another ``enqueue``. Errors as of ``best``."""
    study = open_run(run)
    _best(study, str(run), method)
    return [point for point in warm_start.first_points(study.board) if method in (None, point["method"])]


def _best(study: Run, name: str, method: str | None) -> TrialRow:
    methods = study.board.methods
    if method is not None and method not in methods:
        raise ConfigError(
            f"{name}: no method {method!r}{near(method, methods)}; there are {', '.join(methods)}"
        )
    rows = [row for row in study.leaderboard if row.rank is not None and method in (None, row.method)]
    if not rows:
        raise ConfigError(f"{name}: no trial{f' of {method}' if method else ''} can be ranked yet.")
    return rows[0]
