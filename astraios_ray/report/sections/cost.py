"""What the best costs, and what is nearly as good for less."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

from astraios_ray.report.analysis.cost import (
    CostAxis,
    StudyCost,
    axes_of,
    cheapest_near_best,
    comparable,
    front,
    share_of,
    study_cost,
)
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow
from astraios_ray.report.analysis.precision import precision
from astraios_ray.report.sections.budget_split import split_sentences
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.tables import Cell, Table, time_words
from astraios_ray.report.wording import NOTHING, amount, listed, loss, percent, plural, title

TITLE = "What it costs"
Quality = Callable[[LeaderboardRow], float]


def cost_section(board: Leaderboard, price_per_hour: float | None = None) -> Section:
    """Pareto fronts, the cheapest near the best on every axis, and the study's own bill."""
    rows, quality = comparable(board)
    bill = study_cost(board, price_per_hour)
    axes = [axis for axis in axes_of(board) if any(axis.of(row.result.cost) > 0 for row in rows)]
    fronts = {axis.key: front(rows, quality, axis) for axis in axes}
    nearest = {axis: cheapest_near_best(board, rows, quality, axis) for axis in axes}
    tables = (
        ("No other is both cheaper and better", _fronts(board, rows, axes, fronts, bill.price)),
    ) * bool(axes)
    values = {
        **asdict(bill),
        "price_per_hour": price_per_hour,
        "fronts": {key: [row.trial for row in frontier] for key, frontier in fronts.items()},
        "cheapest_near_best": {axis.key: row and row.trial for axis, row in nearest.items()},
    }
    sentences = (*_near(board, rows, quality, nearest), _bill(board, bill), *split_sentences(board))
    return Section("cost", TITLE, sentences, tables, _notes(board, rows, price_per_hour), values)


def _near(
    board: Leaderboard,
    rows: Sequence[LeaderboardRow],
    quality: Quality,
    nearest: dict[CostAxis, LeaderboardRow | None],
) -> list[str]:
    if not nearest:
        return ["No trial has both a quality that can be compared and a measured cost."]
    best = max(rows, key=quality)
    within = "1 point" if board.scored else "1 % of the loss"
    savings: dict[str, list[str]] = {}
    for axis, row in nearest.items():
        if row:
            savings.setdefault(f"{row.method} ({row.trial})", []).append(_saving(axis, row, best))
    named = "; ".join(f"{trial} by {listed(by)}" for trial, by in savings.items())
    return [f"Cheapest within {within} of the best: {named}."]


def _saving(axis: CostAxis, row: LeaderboardRow, best: LeaderboardRow) -> str:
    cost, first = axis.of(row.result.cost), axis.of(best.result.cost)
    name = axis.title.removesuffix(" MiB").replace("bytes", "size")
    return f"{name} ({first / cost:.1f} times less)" if first > 1.05 * cost else name


def _bill(board: Leaderboard, bill: StudyCost) -> str:
    text = f"The study took {_hours(bill.hours)} of wall time"
    if bill.accelerator_hours is not None:
        text += f", {_hours(bill.accelerator_hours)} of accelerators,"
    text += f" for {plural(len(board.rows), 'trial')} ({_hours(bill.trial_hours)} of training)"
    return f"{text}: {bill.price:,.2f} at the price given." if bill.price is not None else f"{text}."


def _fronts(
    board: Leaderboard,
    rows: Sequence[LeaderboardRow],
    axes: Sequence[CostAxis],
    fronts: dict[str, tuple[LeaderboardRow, ...]],
    price: float | None,
) -> Table:
    front_rows = [row for row in rows if any(row in frontier for frontier in fronts.values())]
    quality = f"{title(board.ranking)} on {board.task}" if board.scored else "validation loss"
    columns = [("method", False), ("trial", False), (quality, True), *((axis.title, True) for axis in axes)]
    priced = [("price of this trial", True)] if price is not None else []
    lines = []
    for row in front_rows:
        line = [Cell(row.method), Cell(row.trial), _quality(row)]
        line += [_cost(row, axis, fronts[axis.key]) for axis in axes]
        if price is not None:
            trial_price = price * share_of(row, board)
            line.append(Cell(f"{trial_price:,.2f}", trial_price))
        lines.append(line)
    return table([*columns, *priced], lines)


def _quality(row: LeaderboardRow) -> Cell:
    if row.value is not None:
        return Cell(percent(row.value), row.value)
    return Cell(loss(row.validation_loss), row.validation_loss)


def _cost(row: LeaderboardRow, axis: CostAxis, frontier: Sequence[LeaderboardRow]) -> Cell:
    value = axis.of(row.result.cost)
    if not value:
        return Cell(NOTHING)
    mark = " ●" if row in frontier else ""
    return Cell(f"{amount(value, 1 if axis.key.endswith('seconds') else 0)}{mark}", value)


def _notes(
    board: Leaderboard, rows: Sequence[LeaderboardRow], price_per_hour: float | None
) -> tuple[str, ...]:
    group = "scored" if board.scored else "at full length"
    notes = [f"● is on the Pareto front of its column, among {plural(len(rows), 'trial')} {group}."]
    if board.scored:
        notes.append("Fronts go by the measured score; neighbours on them may not be told apart.")
    if price_per_hour is not None:
        notes.append(
            f"Price: {price_per_hour:g} per hour of everything the study ran on; a trial's is its share of "
            "all training time."
        )
    elif rows:
        notes.append("`astraios-ray report RUN --price-per-hour X` adds what it cost.")
    return (*notes, time_words(board), *filter(None, [precision(board.record.config)]))


def _hours(hours: float) -> str:
    return f"{hours:,.1f} h" if hours >= 1 else f"{60 * hours:,.1f} min"
