"""What mattered, and where to look next."""

from collections.abc import Mapping
from dataclasses import asdict

from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.analysis.settings import (
    ENOUGH,
    FEW,
    Edge,
    Importances,
    edges,
    importances_of,
    undersampled,
)
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.tables import Cell, Table
from astraios_ray.report.wording import listed, plural, rate

NAMED = 7  # methods; the rest are counted
TITLE = "What mattered, and where to look next"


def settings_section(board: Leaderboard) -> Section | None:
    """Learning rates at an edge, methods hardly tried, importances. None when no trial is measured."""
    if not board.ranked:
        return None
    near_ends, sparse, importances = edges(board), undersampled(board), importances_of(board)
    sentences = [*map(_edge, near_ends), *_undersampled(board, sparse)]
    if not sentences and not importances:
        return None
    tables = (("Share of each parameter in the loss", _table(importances)),) * bool(importances)
    notes = (
        f"Importance within a method (PED-ANOVA, by Optuna), where at least {ENOUGH} of its trials were "
        "measured at one step; shares sum to 1 and say nothing of how much could be gained.",
    )
    values = {
        "edges": [_plain(edge) for edge in near_ends],
        "undersampled": sparse,
        "importances": {method: asdict(importance) for method, importance in importances.items()},
    }
    return Section("settings", TITLE, tuple(sentences), tables, notes if importances else (), values)


def _edge(edge: Edge) -> str:
    end = "upper" if edge.upper else "lower"
    return (
        f"{edge.method}: its best learning rate, {rate(edge.row.result.spec.recipe.learning_rate)} "
        f"({edge.row.trial}), lies at the {end} end of {rate(edge.range[0])} to {rate(edge.range[1])}. "
        f"Look next in {rate(edge.next[0])} to {rate(edge.next[1])}."
    )


def _undersampled(board: Leaderboard, sparse: Mapping[str, int]) -> list[str]:
    if not sparse:
        return []
    reason = f"fewer than {FEW}, so each one's best learning rate is still a guess"
    if len(sparse) == len(board.methods) and len(set(sparse.values())) == 1:
        (count,) = set(sparse.values())
        return [f"Every method had only {plural(count, 'measured trial')}: {reason}."]
    fewest = sorted(sparse.items(), key=lambda item: item[1])
    named = [f"{method} ({count})" for method, count in fewest[:NAMED]]
    named += [f"{len(sparse) - NAMED} more"] * (len(sparse) > NAMED)
    return [f"Hardly tried, by measured trials: {listed(named)}: {reason}."]


def _table(importances: Mapping[str, Importances]) -> Table:
    lines = [
        [
            Cell(method),
            Cell(name.replace("_", " ")),
            Cell(f"{100 * share:.0f} %", share),
            Cell(f"{importance.count} at step {importance.step}"),
        ]
        for method, importance in importances.items()
        for name, share in importance.shares.items()
    ]
    return table(
        [("method", False), ("parameter", False), ("share", True), ("trials measured", False)], lines
    )


def _plain(edge: Edge) -> dict[str, object]:
    return {
        "method": edge.method,
        "trial": edge.row.trial,
        "learning_rate": edge.row.result.spec.recipe.learning_rate,
        "end": "upper" if edge.upper else "lower",
        "range": edge.range,
        "next": edge.next,
    }
