"""The leaderboard's trials as rows of plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from astraios_ray.errors import ConfigError
from astraios_ray.records import Value
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, metric
from astraios_ray.report.render.document import trial_document
from astraios_ray.report.render.markdown import table
from astraios_ray.report.tables import short_table

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class TrialRow:
    """One trial. A field has the name and the meaning of its key in ``leaderboard.json``."""

    rank: int | None  # None: it cannot be ranked
    trial: str
    label: str
    method: str
    hyperparameters: Mapping[str, Value]
    learning_rate: float
    seed: int
    validation_loss: float | None
    step: int | None  # at which the loss was measured
    max_steps: int
    full_length: bool
    ranking: str | None  # the metric that ``score`` is of
    score: float | None
    score_interval: tuple[float, float] | None
    metrics: Mapping[str, Mapping[str, float | None]]  # by task and name
    trainable_parameters: int | None
    adapter_bytes: int | None
    seconds: float
    peak_memory_mib: float | None
    state: str
    reason: str
    audited: bool
    entry: LeaderboardRow = field(repr=False, compare=False)  # with the whole specification and all points

    @property
    def values(self) -> dict[str, object]:
        """The fields without ``entry``, by name."""
        return {column.name: getattr(self, column.name) for column in fields(self) if column.repr}


class TrialRows(list[TrialRow]):
    """A study's trials in order of rank; those without a rank come last."""

    def __init__(self, board: Leaderboard) -> None:
        super().__init__(map(_row, board.rows))
        self._board = board

    def to_pandas(self) -> "pandas.DataFrame":
        """The rows as a DataFrame: ``hyperparameters.r`` and ``metrics.primer.pass_at_1`` are columns.

        Raises ConfigError where pandas is not installed.
        """
        try:
            from pandas import json_normalize
        except ImportError as error:
            raise ConfigError("to_pandas needs the package pandas: pip install pandas") from error
        return json_normalize([row.values for row in self])

    def _repr_markdown_(self) -> str:
        return table(short_table(self._board, self._board.rows))


def _row(row: LeaderboardRow) -> TrialRow:
    document = trial_document(row)
    metrics = {
        score.evaluator: {name: metric(score, name) for name in score.metrics} for score in row.result.scores
    }
    names = [column.name for column in fields(TrialRow) if column.name not in ("metrics", "entry")]
    return TrialRow(**{name: document[name] for name in names}, metrics=metrics, entry=row)
