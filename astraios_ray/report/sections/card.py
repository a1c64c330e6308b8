"""Every method on one card: comprehension, generation, robustness, security and cost."""

from dataclasses import asdict

from astraios_ray.report.analysis.card import Card, CardAxis, cards
from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.tables import Cell, Table
from astraios_ray.report.wording import NOTHING, amount, count, listed, percent

TITLE = "Every method at a glance"


def card_section(board: Leaderboard) -> Section | None:
    """The cards' numbers as a table. None where no trial was scored on two kinds of tasks."""
    method_cards = cards(board)
    if not method_cards:
        return None
    leaders = [
        f"{_leader(method_cards, place)} in {axis.name}"
        for place, axis in enumerate(method_cards[0].axes)
        if _any(method_cards, place)
    ]
    cheapest = min(method_cards, key=lambda card: card.seconds)
    words = (
        f"Highest means: {listed(leaders)}. {cheapest.method} trained fastest, {amount(cheapest.seconds)} s.",
    )
    unscored = [name for name in board.methods if name not in {card.method for card in method_cards}]
    notes = (
        "Means of each task's ranking metric; every task weighs the same. Comprehension: tasks answered by "
        "YES or NO. Robustness: RP@1. Security: valid and clean samples. The parts above have the intervals.",
        *([f"No card, for want of a score: {listed(unscored)}."] if unscored else []),
    )
    values = {
        card.method: {"trial": card.row.trial, **{axis.name: asdict(axis) for axis in card.axes}}
        for card in method_cards
    }
    return Section(
        "card", TITLE, words, (("Means over tasks of a kind", _table(method_cards)),), notes, values
    )


def _any(method_cards: tuple[Card, ...], place: int) -> bool:
    return any(card.axes[place].value is not None for card in method_cards)


def _leader(method_cards: tuple[Card, ...], place: int) -> str:
    best = max(
        method_cards,
        key=lambda card: -1.0 if card.axes[place].value is None else card.axes[place].value or 0.0,
    )
    return f"{best.method} ({percent(best.axes[place].value)})"


def _table(method_cards: tuple[Card, ...]) -> Table:
    titles = [f"{axis.name} (tasks)" for axis in method_cards[0].axes]
    lines = [
        [
            Cell(card.method),
            Cell(card.row.trial),
            *map(_cell, card.axes),
            Cell(amount(card.seconds), card.seconds),
            Cell(count(card.parameters) if card.parameters else NOTHING, card.parameters or None),
        ]
        for card in method_cards
    ]
    numbers = ((title, True) for title in (*titles, "seconds", "trainable parameters"))
    return table([("method", False), ("trial", False), *numbers], lines)


def _cell(axis: CardAxis) -> Cell:
    if axis.value is None:
        return Cell(NOTHING)
    return Cell(f"{percent(axis.value)} ({axis.tasks})", axis.value)
