"""Which trial of a study is meant by an id, a label or a method's name."""

from astraios_ray.config.config_problems import near
from astraios_ray.errors import ConfigError
from astraios_ray.records import StudyRecord, TrialResult
from astraios_ray.report.analysis.leaderboard import leaderboard


def find_trial(record: StudyRecord, name: str) -> TrialResult:
    """The trial with the id or label ``name``, or the best of the method ``name``.

    Raises ConfigError with the nearest name and what there is.
    """
    board = leaderboard(record)
    by_id = {result.spec.id: result for result in record.results}
    by_name = by_id | {result.spec.label: result for result in record.results}
    by_name |= {method: by_id[row.trial] for method, row in board.best_per_method.items() if row}
    if name not in by_name:
        ids = [result.spec.id for result in record.results]
        span = f"{min(ids)} to {max(ids)}, and the methods {', '.join(board.methods)}" if ids else "none yet"
        raise ConfigError(f"{record.folder}: no trial {name!r}{near(name, by_name)}; there are {span}")
    return by_name[name]
