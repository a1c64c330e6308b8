"""``astraios-ray ood``: how models score in a region that their training set left out."""

import json
from collections.abc import Sequence

import click

import astraios_ray as ar
from astraios_ray.aligned_text import table
from astraios_ray.cli.shared_options import json_option
from astraios_ray.records import encode
from astraios_ray.report.analysis.out_of_distribution import SETS, RegionScore


@click.command("ood")
@click.argument("runs", nargs=-1, required=True)
@json_option
def ood(runs: Sequence[str], as_json: bool) -> None:
    """Relate the scores of RUNS, on the region and on the rest, to those of training on everything.

    RUNS are run folders, or names of studies below ./runs: one that trained on several sets, or some that
    differ in ood.training_sets alone, one of which has full.
    """
    cells = ar.ood(runs)
    click.echo(json.dumps([encode(cell) for cell in cells]) if as_json else as_text(cells))


def as_text(cells: Sequence[RegionScore]) -> str:
    """A table for each metric of each task: methods and sides in lines, training sets in columns."""
    parts = []
    for task, metric in dict.fromkeys((cell.task, cell.metric) for cell in cells):
        group = [cell for cell in cells if (cell.task, cell.metric) == (task, metric)]
        sets = [name for name in SETS if any(cell.training_set == name for cell in group)]
        lines = [("method", "side", "of", *sets)]
        for method, side in dict.fromkeys((cell.method, cell.side) for cell in group):
            by_set = {c.training_set: c for c in group if (c.method, c.side) == (method, side)}
            count = next(iter(by_set.values())).count
            lines.append((method, side, str(count), *(_cell_text(by_set.get(name)) for name in sets)))
        parts.append(f"{task}, {metric}:\n{table(lines)}")
    return "\n\n".join(parts)


def _cell_text(cell: RegionScore | None) -> str:
    if cell is None:
        return "-"
    return f"{100 * cell.value:.1f} %" + ("" if cell.ratio is None else f" ({cell.ratio:.2f} of full)")
