"""What training without a region costs there, for a study with several training sets."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from statistics import fmean

from astraios_ray.report.analysis.leaderboard import Leaderboard, section
from astraios_ray.report.analysis.out_of_distribution import FULL, SETS, RegionScore, scenarios
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.tables import Cell as TableCell
from astraios_ray.report.tables import Table
from astraios_ray.report.wording import NOTHING, listed, plural, title, with_interval

KEY, TITLE = "ood", "Out of distribution"
HARDLY = 0.005  # a ratio below is written as 0.00
NOTES = (
    "A method stands with its scored trial of least validation loss on each set, so that no score chooses "
    "itself. Each set was searched alone: only its own trials competed.",
    "The ratio is to the same method trained on full, on the same problems. The untuned model, base, is what "
    "a method falls back to.",
)


def training_sets_section(board: Leaderboard) -> Section | None:
    """Ratios to training on everything, by method; None for a study of fewer than two training sets."""
    sets: Sequence[str] = section(board.record.config, "ood").get("training_sets") or ()
    if len(sets) < 2:
        return None
    other_sets = [name for name in sets if name != sets[0]]
    scope = (
        f"The other parts are of the {plural(len(board.record.results), 'trial')} trained on {sets[0]}; "
        f"{plural(len(board.elsewhere), 'trial')} on {listed(other_sets)} stand here alone."
    )
    if FULL not in sets:
        return Section(KEY, TITLE, ("Without the set full there is nothing to relate scores to.", scope))
    full_record = replace(board.record, results=(*board.record.results, *board.elsewhere))
    cells = scenarios([full_record])
    unscored = [name for name in sets if not any(c.training_set == name and c.trial for c in cells)]
    if unscored:
        return Section(KEY, TITLE, (f"Unknown yet: no trial on {listed(unscored)} was scored.", scope))
    tables = [
        (_heading(task, metric), _table(cells, task, metric, sets)) for task, metric in _task_metrics(cells)
    ]
    values = {"cells": [asdict(cell) for cell in cells]}
    return Section(KEY, TITLE, (*_sentences(board, cells, other_sets), scope), tuple(tables), NOTES, values)


def _sentences(board: Leaderboard, cells: Sequence[RegionScore], other_sets: Sequence[str]) -> list[str]:
    """Which method keeps most of its score in the region, by the metric that ranks."""
    region_cells = [c for c in cells if (c.task, c.metric, c.side) == (board.task, board.ranking, "region")]
    sentences = []
    for name in other_sets:
        ratios = [(c.ratio, c.method) for c in region_cells if c.training_set == name and c.ratio is not None]
        if ratios:
            sentences.append(f"Trained on {name}, {_kept(ratios, title(board.ranking))}.")
        unrelated = sorted(c.method for c in region_cells if c.training_set == name and c.ratio is None)
        if unrelated:
            sentences.append(
                f"No ratio on {name} for {listed(unrelated)}: trained on full, nothing was solved there."
            )
    return sentences


def _kept(ratios: Sequence[tuple[float, str]], metric: str) -> str:
    """What methods keep of a metric in the region. ``ratios``: to training on full, each with its method."""
    most, mean = max(ratios)[0], fmean(ratio for ratio, _ in ratios)
    little = most < HARDLY
    methods = sorted(method for ratio, method in ratios if little or ratio == most)
    keep, whose = ("keeps", "its") if len(methods) == 1 else ("keep", "their")
    part = "most" if not little else "next to nothing" if most else "nothing"
    others = len(ratios) > 1 and not little
    average = f"; {plural(len(ratios), 'method')} keep {mean:.2f} on average" if others else ""
    return f"{listed(methods)} {keep} {part} of {whose} {metric} in the region: {most:.2f} of full{average}"


def _task_metrics(cells: Sequence[RegionScore]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((cell.task, cell.metric) for cell in cells))


def _heading(task: str, metric: str) -> str:
    return f"{title(metric)} on {task}"


def _table(cells: Sequence[RegionScore], task: str, metric: str, sets: Sequence[str]) -> Table:
    metric_cells = [cell for cell in cells if (cell.task, cell.metric) == (task, metric)]
    names = [name for name in SETS if name in sets]
    columns = [("method", False), ("side", False), ("of", True)]
    columns += [(f"{name} (95 %)" if name == FULL else f"{name} (95 %), of full", True) for name in names]
    lines: list[list[TableCell | str]] = []
    for method, side in dict.fromkeys((cell.method, cell.side) for cell in metric_cells):
        by_set = {c.training_set: c for c in metric_cells if (c.method, c.side) == (method, side)}
        count = next(iter(by_set.values())).count
        lines.append(
            [method, side, TableCell(str(count), count), *(_score_cell(by_set.get(name)) for name in names)]
        )
    return table(columns, lines)


def _score_cell(cell: RegionScore | None) -> TableCell:
    if cell is None:
        return TableCell(NOTHING)
    ratio = "" if cell.ratio is None else f", {cell.ratio:.2f}"
    return TableCell(f"{with_interval(cell.value, cell.interval)}{ratio}", cell.value)
