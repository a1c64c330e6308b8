"""The three training sets of a scenario: with all rows of a region, with a few, or with none."""

import math
import random
from collections.abc import Mapping, Sequence

from astraios_ray.data.regions import fit_region
from astraios_ray.data.rows import Row
from astraios_ray.errors import ConfigError
from astraios_ray.records import Mask, Value


def mask_rows(rows: Sequence[Row], mask: Mask) -> tuple[list[Row], Mapping[str, Value]]:
    """The training rows in their order, and facts about the region for the record.

    A row is in the region if its completion is. ``few`` keeps the share ``mask.keep`` of the region, rounded
    up, drawn by ``mask.seed``. Raises DataError when the region holds no row or all.
    """
    codes = [row.completion for row in rows]
    region = fit_region(mask, codes)
    region_rows = [number for number, in_region in enumerate(region.holds(codes)) if in_region]
    dropped = set(region_rows) - _sample(region_rows, mask)
    about: dict[str, Value] = {f"ood_{name}": value for name, value in region.boundaries.items()}
    about |= {"ood_rows_in_region": len(region_rows), "ood_rows_left_out": len(dropped)}
    return [row for number, row in enumerate(rows) if number not in dropped], about


def _sample(region_rows: Sequence[int], mask: Mask) -> set[int]:
    if mask.training_set == "full":
        return set(region_rows)
    if mask.training_set == "ood":
        return set()
    if mask.training_set == "few":
        return set(random.Random(mask.seed).sample(region_rows, math.ceil(mask.keep * len(region_rows))))
    raise ConfigError(f"ood.training_set: found {mask.training_set!r}, expected full, few or ood.")
