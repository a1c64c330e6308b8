"""How far another training seed moves the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from astraios_ray.records import TrialResult
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, metric, score_of
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.statistics.seeds import interval_over_seeds, spread
from astraios_ray.report.tables import Cell, Table
from astraios_ray.report.wording import NOTHING, finite, loss, percent, plural, points, title, with_interval

TITLE = "How far another seed moves it"
ENOUGH = 3  # seeds; the spread of two is hardly known


@dataclass(frozen=True)
class Spread:
    """One quality of one repeated configuration, over its repeats. ``chosen`` is the first run's own."""

    mean: float
    interval: tuple[float, float]
    deviation: float
    chosen: float | None


def seeds_section(board: Leaderboard) -> Section | None:
    """Means and spreads over seeds of every trial that was repeated; None where the study asked for none."""
    repeated_rows = [row for row in board.rows if row.repeats]
    if not repeated_rows:
        return None
    rows = [row for row in repeated_rows if row.seeds]
    first = {result.spec.id: result for result in board.record.results}
    losses = {row.trial: _losses(row, first[row.trial]) for row in rows}
    scores = {
        row.trial: score_spread for row in rows if (score_spread := _scores(board, row, first[row.trial]))
    }
    sentences = [
        f"{plural(len(repeated_rows), 'configuration')} trained anew with other seeds; each counts with the "
        "mean of these. The run that was chosen is left out: it was chosen for its luck too.",
        *_spreads(list(losses.values()), list(scores.values())),
        *_luck(list(losses.values()), list(scores.values())),
    ]
    tables = (("Over seeds", _table(board, rows, losses, scores)),) if rows else ()
    values = {row.trial: _plain(row, losses[row.trial], scores.get(row.trial)) for row in rows}
    return Section("seeds", TITLE, tuple(sentences), tables, _notes(rows), {"trials": values})


def _losses(row: LeaderboardRow, first: TrialResult) -> Spread:
    values = [repeat.last.loss for repeat in row.seeds if repeat.last]
    first_loss = finite(first.last.loss) if first.last else None
    return Spread(fmean(values), interval_over_seeds(values, [], 1), spread(values), first_loss)


def _scores(board: Leaderboard, row: LeaderboardRow, first: TrialResult) -> Spread | None:
    repeat_scores = [metric(score_of(repeat.scores, board.task), board.ranking) for repeat in row.seeds]
    values = [value for value in repeat_scores if value is not None]
    if row.value is None or row.interval is None or len(values) < 2:
        return None
    first_score = metric(score_of(first.scores, board.task), board.ranking)
    return Spread(row.value, row.interval, spread(values), first_score)


def _spreads(losses: Sequence[Spread], scores: Sequence[Spread]) -> list[str]:
    parts = [f"{loss(median(quality.deviation for quality in losses))} nats of loss"] if losses else []
    if scores:
        parts.append(f"{100 * median(quality.deviation for quality in scores):.1f} points of score")
    if not parts:
        return ["Fewer than two repeats of each came to the end, so nothing is known of their spread."]
    return [f"Two seeds differ by a standard deviation of {' and '.join(parts)} (median)."]


def _luck(losses: Sequence[Spread], scores: Sequence[Spread]) -> list[str]:
    """How much worse the repeats are on average than the runs that were chosen."""
    loss_shifts = [quality.mean - quality.chosen for quality in losses if quality.chosen is not None]
    score_drops = [quality.chosen - quality.mean for quality in scores if quality.chosen is not None]
    parts = [f"their losses {fmean(loss_shifts):+.4f} nats"] if loss_shifts else []
    parts += [f"their scores {points(-fmean(score_drops))} points"] if score_drops else []
    return [f"Beside the runs that were chosen: {', '.join(parts)} on average."] if parts else []


def _table(
    board: Leaderboard, rows: Sequence[LeaderboardRow], losses: dict[str, Spread], scores: dict[str, Spread]
) -> Table:
    columns = [("trial", False), ("method", False), ("seeds", True), ("loss (95 %)", True)]
    columns += [("between seeds", True), ("chosen run", True)]
    name = title(board.ranking)
    if scores:
        columns += [(f"{name} (95 %)", True), ("between seeds, points", True), ("chosen run's", True)]
    return table(columns, [_cells(row, losses[row.trial], scores) for row in rows])


def _cells(row: LeaderboardRow, loss_spread: Spread, scores: dict[str, Spread]) -> list[Cell | str]:
    low, high = loss_spread.interval
    cells: list[Cell | str] = [
        row.trial,
        row.method,
        Cell(str(len(row.seeds)), len(row.seeds)),
        Cell(f"{loss(loss_spread.mean)} ({loss(low)} to {loss(high)})", loss_spread.mean),
        Cell(loss(loss_spread.deviation), loss_spread.deviation),
        Cell(loss(loss_spread.chosen), loss_spread.chosen),
    ]
    score_spread = scores.get(row.trial)
    if score_spread:
        cells += [
            Cell(with_interval(score_spread.mean, score_spread.interval), score_spread.mean),
            Cell(f"{100 * score_spread.deviation:.1f}", score_spread.deviation),
            Cell(percent(score_spread.chosen), score_spread.chosen),
        ]
    elif scores:
        cells += [NOTHING] * 3
    return cells


def _notes(rows: Sequence[LeaderboardRow]) -> tuple[str, ...]:
    fewest = min((len(row.seeds) for row in rows), default=ENOUGH)
    return (
        "Intervals hold the luck of seeds and of problems: each with Student's quantile of its own "
        "degrees of freedom; of losses that of seeds alone, since all are measured on the same rows.",
        *(["The spread of two seeds is hardly known: ask for three or more."] if fewest < ENOUGH else []),
    )


def _plain(row: LeaderboardRow, losses: Spread, scores: Spread | None) -> dict[str, Any]:
    return {
        "method": row.method,
        "repeats": [repeat.spec.id for repeat in row.seeds],
        "loss": vars(losses),
        "score": scores and vars(scores),
    }
