"""Splits rows into training and validation by the seed alone."""

import math
import random
from collections.abc import Sequence

from astraios_ray.data.rows import Row
from astraios_ray.errors import DataError

RowsBySource = Sequence[Sequence[Row]]


def split_rows(rows_by_source: RowsBySource, fraction: float, seed: int) -> tuple[RowsBySource, RowsBySource]:
    """Training and validation rows of each source, in their order; ``fraction`` of the texts validate.

    It is rounded up. Rows of equal text stay together, also those of several sources. Raises DataError when
    there are not two different texts.
    """
    texts = list(dict.fromkeys(row.turns for rows in rows_by_source for row in rows))
    if len(texts) < 2:
        place = rows_by_source[0][0].source
        raise DataError(f"{place}: one text cannot be split into training and validation; give two.")
    random.Random(seed).shuffle(texts)
    validation = set(texts[: min(len(texts) - 1, math.ceil(fraction * len(texts)))])
    training_rows, validation_rows = (
        [[row for row in rows if (row.turns in validation) is side] for rows in rows_by_source]
        for side in (False, True)
    )
    return training_rows, validation_rows
