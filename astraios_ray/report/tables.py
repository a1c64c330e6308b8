"""The leaderboard as tables of text, for Markdown and the page alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from astraios_ray.records import Score, TrialState
from astraios_ray.report import wording
from astraios_ray.report.analysis.cost import DEVICE, WALL, CostAxis, loads, time_axis
from astraios_ray.report.analysis.leaderboard import (
    Leaderboard,
    LeaderboardRow,
    interval,
    metric,
    ranking_of,
    score_of,
)
from astraios_ray.report.wording import NOTHING

EARLY = "†"  # marks a loss that was not measured at full length
SHORT = {  # the columns of the short table, and their titles there
    "rank": "rank",
    "method": "method",
    "size": "size",
    "learning rate": "lr",
    "validation loss": "val loss",
    "trainable parameters": "parameters",
    "device seconds": "device s",
    "seconds": "seconds",
    "peak memory MiB": "peak MiB",
    "trial": "trial",
}
REASON_LENGTH = 300  # characters shown of why a trial broke


@dataclass(frozen=True)
class Cell:
    """One cell: its text, and the number it is sorted by where it holds one."""

    text: str
    number: float | None = None


@dataclass(frozen=True)
class Column:
    """A column: its title, whether it holds numbers, and its cell for a row."""

    title: str
    numeric: bool
    cell: Callable[[LeaderboardRow], Cell]


@dataclass(frozen=True)
class Table:
    """Titles, one line of cells per row, and the untuned base's own line."""

    titles: tuple[str, ...]
    numeric: tuple[bool, ...]
    lines: tuple[tuple[Cell, ...], ...]
    base: tuple[Cell, ...] | None = None
    head: int = 1  # the column that names its row


def trials_table(board: Leaderboard) -> Table:
    """One line per trial, in order of rank."""
    return _table(board, _columns(board), board.rows)


def methods_table(board: Leaderboard) -> Table:
    """One line per method of the study: its best trial. A method without a trial has a line of dashes."""
    columns = _columns(board)
    best = board.best_per_method
    rows = sorted((row for row in best.values() if row), key=lambda row: board.rows.index(row))
    table = _table(board, columns, rows)
    titles = [column.title for column in columns]
    absent = [name for name, row in best.items() if row is None]
    empty = [tuple(_absent(title, name) for title in titles) for name in absent]
    return Table(table.titles, table.numeric, (*table.lines, *empty), table.base)


def short_table(board: Leaderboard, rows: Sequence[LeaderboardRow]) -> Table:
    """``rows`` in the columns that matter most, under short titles: for a terminal."""
    columns = {column.title: column for column in _columns(board)}
    scores = [column.title for column in _score_columns(board, board.task)[:1]] if board.task else []
    selection = [title for title in columns if title in SHORT or title in scores]
    if DEVICE.title in selection:
        selection.remove(WALL.title)
    table = _table(board, [columns[title] for title in selection], rows)
    return replace(table, titles=tuple(SHORT.get(title, title) for title in selection))


def footnotes(board: Leaderboard, rows: Sequence[LeaderboardRow] | None = None) -> tuple[str, ...]:
    """What the marks and columns of a table of ``rows`` (None: all) mean, with the scores' denominators."""
    notes = ["Validation loss: nats per token, lower is better."]
    table_rows = board.rows if rows is None else rows
    early_count = sum(row.validation_loss is not None and not row.full_length for row in table_rows)
    if early_count:
        notes.append(
            f"{EARLY} {early_count} {'loss' if early_count == 1 else 'losses'} "
            "measured before the last step: not comparable with a loss at full length."
        )
    if any(row.result.cost.seconds for row in table_rows):
        notes.append(time_words(board))
    return (*notes, *_denominators(board, board.tasks if rows is None else board.tasks[:1]))


def time_words(board: Leaderboard) -> str:
    """What the seconds of trials are, and under which load of the machine they were measured."""
    span = loads(board)
    ends = dict.fromkeys(f"{end:.1f}" for end in span or ())
    load = f"under a load of {' to '.join(ends)} per core" if span else "under a load that was not recorded"
    if time_axis(board.record.results) is DEVICE:
        return f"Device seconds: CPU time of a trial's passes, on a GPU time there; {load}."
    return f"Seconds: wall time of a trial's passes, which grows with the machine's load; {load}."


def broken_trials(board: Leaderboard) -> tuple[tuple[str, str], ...]:
    """Trial and reason of every trial that diverged or failed."""
    bad = (TrialState.DIVERGED, TrialState.FAILED)
    rows = sorted((row for row in board.rows if row.result.state in bad), key=lambda row: row.trial)
    return tuple((f"{row.trial} ({row.method}, {row.result.state.value})", _reason(row)) for row in rows)


def _columns(board: Leaderboard) -> list[Column]:
    return [
        Column("rank", True, lambda row: _integer(row.rank)),
        Column("method", False, lambda row: Cell(row.method)),
        Column("size", False, _size),
        Column("learning rate", True, _rate),
        Column("validation loss", True, _loss),
        Column("at step", True, lambda row: Cell(wording.at_step(row.result), row.step)),
        *(column for task in board.tasks for column in _score_columns(board, task)),
        Column(
            "trainable parameters", True, lambda row: _integer(row.result.cost.trainable_parameters or None)
        ),
        *_time_columns(board),
        Column("peak memory MiB", True, lambda row: _amount(row.result.cost.peak_memory_mib or None, 0)),
        Column("state", False, _state),
        Column("trial", False, lambda row: Cell(row.trial)),
    ]


def _time_columns(board: Leaderboard) -> list[Column]:
    """The time by which trials are ranked, then the wall time where that is another."""
    return [_time_column(axis) for axis in dict.fromkeys((time_axis(board.record.results), WALL))]


def _time_column(axis: CostAxis) -> Column:
    return Column(axis.title, True, lambda row: _amount(axis.of(row.result.cost), 1))


def _score_columns(board: Leaderboard, task: str) -> list[Column]:
    suffix = "" if len(board.tasks) == 1 else f" {task}"
    return [
        Column(f"{wording.title(name)}{suffix}{'' if bare else ' (95 %)'}", True, _cell_of(task, name, bare))
        for name, bare in _metrics_of(board, task)
    ]


def _cell_of(task: str, name: str, bare: bool) -> Callable[[LeaderboardRow], Cell]:
    return lambda row: _share(score_of(row.result.scores, task), name, bare=bare)


def _metrics_of(board: Leaderboard, task: str) -> list[tuple[str, bool]]:
    """The metric that ranks, with its interval, and pass@10 where it was measured."""
    scores = (score_of(result.scores, task) for result in board.record.results)
    first = next((score for score in scores if score), score_of(board.record.base_scores, task))
    second = [("pass_at_10", True)] if first and "pass_at_10" in first.metrics else []
    return [(ranking_of(first), False), *second]


def _table(board: Leaderboard, columns: Sequence[Column], rows: Sequence[LeaderboardRow]) -> Table:
    lines = tuple(tuple(column.cell(row) for column in columns) for row in rows)
    titles = tuple(column.title for column in columns)
    return Table(titles, tuple(column.numeric for column in columns), lines, _base_line(board, titles))


def _base_line(board: Leaderboard, titles: tuple[str, ...]) -> tuple[Cell, ...] | None:
    """The untuned base's scores under the columns they belong to. None when it was not scored."""
    cells = {"method": Cell("untuned base")}
    for task in board.tasks:
        score = score_of(board.record.base_scores, task)
        titles_of = (column.title for column in _score_columns(board, task))
        if score:
            metrics = _metrics_of(board, task)
            cells |= {t: _share(score, name, bare=b) for t, (name, b) in zip(titles_of, metrics, strict=True)}
    return tuple(cells.get(title, Cell("")) for title in titles) if len(cells) > 1 else None


def _absent(title: str, method: str) -> Cell:
    return Cell({"method": method, "state": "no trial"}.get(title, NOTHING))


def _denominators(board: Leaderboard, tasks: Sequence[str]) -> list[str]:
    """The denominator of each task's scores, tasks of the same one together."""
    by_denominator: dict[str, list[str]] = {}
    for task in tasks:
        scores = [score_of(row.result.scores, task) for row in board.rows]
        scores.append(score_of(board.record.base_scores, task))
        kinds = sorted({wording.denominator(score) for score in scores if score})
        by_denominator.setdefault(" or ".join(kinds), []).append(task)
    return [
        f"{_kind(board, labels)} on {wording.listed(labels)}: over {kinds} per model, 95 % intervals."
        for kinds, labels in by_denominator.items()
    ]


def _kind(board: Leaderboard, tasks: Sequence[str]) -> str:
    names = {_metrics_of(board, task)[0][0] for task in tasks}
    if all(name.startswith("pass_at_") for name in names):
        return "pass@k"
    return wording.title(names.pop()) if len(names) == 1 else "Scores"


def _size(row: LeaderboardRow) -> Cell:
    numbers = [value for value in row.size.values() if isinstance(value, int | float)]
    return Cell(wording.sizes(row.size), numbers[0] if numbers else None)


def _rate(row: LeaderboardRow) -> Cell:
    value = row.result.spec.recipe.learning_rate
    return Cell(wording.rate(value), wording.finite(value))


def _loss(row: LeaderboardRow) -> Cell:
    value = row.validation_loss
    mark = "" if value is None or row.full_length else f" {EARLY}"
    return Cell(f"{wording.loss(value)}{mark}", value)


def _share(score: Score | None, name: str, *, bare: bool = False) -> Cell:
    value = metric(score, name)
    return Cell(wording.with_interval(value, None if bare else interval(score, name)), value)


def _state(row: LeaderboardRow) -> Cell:
    return Cell(f"{row.result.state.value}{', audited' if row.result.audited else ''}")


def _integer(value: int | None) -> Cell:
    return Cell(NOTHING if value is None else wording.count(value), value)


def _amount(value: float | None, digits: int) -> Cell:
    return Cell(wording.amount(value, digits), wording.finite(value))


def _reason(row: LeaderboardRow) -> str:
    text = " ".join(row.result.reason.split()) or "no reason was recorded"
    return text if len(text) <= REASON_LENGTH else f"{text[: REASON_LENGTH - 1]}…"
