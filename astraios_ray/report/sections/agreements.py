"""Rank agreements in words and as cells."""

from astraios_ray.report.statistics.agreement import Agreement
from astraios_ray.report.tables import Cell
from astraios_ray.report.wording import NOTHING

COLUMNS = (("Spearman (95 %)", True), ("Kendall (95 %)", True), ("trials", True))
"""Titles of ``cells``, and that they hold numbers."""


def cells(agreement: Agreement | None) -> list[Cell]:
    """Both correlations with their intervals, and how many trials."""
    if agreement is None:
        return [Cell(NOTHING), Cell(NOTHING), Cell("too few")]
    kendall = _with_interval(agreement.kendall, agreement.kendall_interval)
    return [
        Cell(spearman(agreement), agreement.spearman),
        Cell(kendall, agreement.kendall),
        Cell(str(agreement.count), agreement.count),
    ]


def spearman(agreement: Agreement, suffix: str = "") -> str:
    """``0.72 (0.41 to 0.90)``; ``suffix`` follows the interval."""
    return _with_interval(agreement.spearman, agreement.spearman_interval, suffix)


def _with_interval(value: float, interval: tuple[float, float], suffix: str = "") -> str:
    return f"{value:.2f} ({interval[0]:.2f} to {interval[1]:.2f}{suffix})"
