"""Which trial of a study is meant by an id, a label or a method's name."""

from astraios_ray.config.config_problems import near
from astraios_ray.errors import ConfigError
from astraios_ray.records import StudyRecord, TrialResult
from astraios_ray.report.analysis.leaderboard import leaderboard


def find_trial(record: StudyRecord, wanted: str) -> TrialResult:
    """The trial with the id or label ``wanted``, or the best of the method ``wanted``.

    Raises ConfigError with the nearest name and what there is.
    """
    board = leaderboard(record)
    by_id = {result.spec.id: result for result in record.results}
    named = by_id | {result.spec.label: result for result in record.results}
    named |= {method: by_id[row.trial] for method, row in board.best_per_method.items() if row}
    if wanted not in named:
        ids = [result.spec.id for result in record.results]
        span = f"{min(ids)} to {max(ids)}, and the methods {', '.join(board.methods)}" if ids else "none yet"
        raise ConfigError(f"{record.folder}: no trial {wanted!r}{near(wanted, named)}; there are {span}")
    return named[wanted]
