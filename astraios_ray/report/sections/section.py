"""What every part of a report is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from astraios_ray.report.tables import Cell, Table


@dataclass(frozen=True)
class Section:
    """One question and its answer. ``sentences`` answer it, ``notes`` say how; ``values`` go to programs."""

    key: str  # in leaderboard.json and as the page's anchor
    title: str
    sentences: tuple[str, ...]
    tables: tuple[tuple[str, Table], ...] = ()  # each with its title
    notes: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


def table(columns: Sequence[tuple[str, bool]], lines: Sequence[Sequence[Cell | str]]) -> Table:
    """A table whose first column names its rows. A column is its title and whether it holds numbers."""
    cells = tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in line) for line in lines)
    return Table(tuple(title for title, _ in columns), tuple(number for _, number in columns), cells, head=0)
