"""Splits rows into training and validation by the seed alone."""

import math
import random
from collections.abc import Sequence

from astraios_ray.data.rows import Row
from astraios_ray.errors import DataError


def split_rows(rows: Sequence[Row], fraction: float, seed: int) -> tuple[list[Row], list[Row]]:
    """Training and validation rows, in their order; ``fraction`` of the texts, rounded up, validate.

    Rows of equal text stay together. Raises DataError when there are not two different texts.
    """
    texts = list(dict.fromkeys(row.text for row in rows))
    if len(texts) < 2:
        raise DataError(f"{rows[0].source}: one text cannot be split into training and validation; give two.")
    random.Random(seed).shuffle(texts)
    validation_texts = set(texts[: min(len(texts) - 1, math.ceil(fraction * len(texts)))])
    training = [row for row in rows if row.text not in validation_texts]
    return training, [row for row in rows if row.text in validation_texts]
