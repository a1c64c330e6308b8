"""How models score in a region that their training set left out."""

from collections.abc import Sequence
from pathlib import Path

from astraios_ray.report.analysis.out_of_distribution import RegionScore, scenarios
from astraios_ray.search.replay import replay_folder
from astraios_ray.studies.run import Run, listed
from astraios_ray.studies.run_folders import find_run


def ood(runs: Sequence[Run | Path | str]) -> list[RegionScore]:
    """Scores on the region and on the rest, related to those of training on everything.

    ``runs`` are one study that trained on several sets, or some that differ in ood.training_sets alone, one
    of which has full. Raises ConfigError where they cannot be compared.
    """
    return scenarios([replay_folder(find_run(str(run))).record for run in listed(runs)])
