"""The three training sets of a scenario: with all of the region, with a few rows of it, with none."""

import math
import random
from collections.abc import Mapping, Sequence

from astraios_ray.data.regions import fit_region
from astraios_ray.data.rows import Row
from astraios_ray.errors import ConfigError
from astraios_ray.records import Mask, Value


def mask_rows(rows: Sequence[Row], mask: Mask) -> tuple[list[Row], Mapping[str, Value]]:
    """The rows that are trained on, in their order, and what was drawn where.

    A row lies where its completion lies. ``few`` keeps the share ``mask.keep`` of the region, rounded up,
    drawn by ``mask.seed``. Raises DataError when the region holds no row or all.
    """
    codes = [row.completion for row in rows]
    region = fit_region(mask, codes)
    inside = [number for number, held in enumerate(region.holds(codes)) if held]
    dropped = set(inside) - _kept(inside, mask)
    about: dict[str, Value] = {f"ood_{name}": value for name, value in region.boundaries.items()}
    about |= {"ood_rows_in_region": len(inside), "ood_rows_left_out": len(dropped)}
    return [row for number, row in enumerate(rows) if number not in dropped], about


def _kept(inside: Sequence[int], mask: Mask) -> set[int]:
    if mask.training_set == "full":
        return set(inside)
    if mask.training_set == "ood":
        return set()
    if mask.training_set == "few":
        return set(random.Random(mask.seed).sample(inside, math.ceil(mask.keep * len(inside))))
    raise ConfigError(f"ood.training_set: found {mask.training_set!r}, expected full, few or ood.")
