"""Rank agreements in words and as cells."""

from astraios_ray.report.statistics.agreement import Agreement
from astraios_ray.report.tables import Cell
from astraios_ray.report.wording import NOTHING

COLUMNS = (("Spearman (95 %)", True), ("Kendall (95 %)", True), ("trials", True))
"""Titles of ``cells``, and that they hold numbers."""


def cells(one: Agreement | None) -> list[Cell]:
    """Both correlations with their intervals, and how many trials."""
    if one is None:
        return [Cell(NOTHING), Cell(NOTHING), Cell("too few")]
    kendall = _with_interval(one.kendall, one.kendall_interval)
    return [Cell(spearman(one), one.spearman), Cell(kendall, one.kendall), Cell(str(one.count), one.count)]


def spearman(one: Agreement, more: str = "") -> str:
    """``0.72 (0.41 to 0.90)``; ``more`` is said behind the interval."""
    return _with_interval(one.spearman, one.spearman_interval, more)


def _with_interval(value: float, interval: tuple[float, float], more: str = "") -> str:
    return f"{value:.2f} ({interval[0]:.2f} to {interval[1]:.2f}{more})"
