"""Mixes the rows of several sources by their weights."""

import math
import random
from collections.abc import Sequence

from astraios_ray.data.rows import Row


def mix(rows_by_source: Sequence[Sequence[Row]], weights: Sequence[float | None], seed: int) -> list[Row]:
    """As many rows as all sources have, of each source its share by weight, in an order drawn by ``seed``.

    A source with fewer rows than its share repeats all of them, and the rest is drawn without repetition; one
    with more loses some by the same draw. Without weights each row is there once. The rows of a single source
    keep their order.
    """
    if len(rows_by_source) == 1:
        return list(rows_by_source[0])
    draws = random.Random(seed)
    counts = _counts([len(rows) for rows in rows_by_source], weights)
    mixed = [
        row for rows, count in zip(rows_by_source, counts, strict=True) for row in _drawn(rows, count, draws)
    ]
    draws.shuffle(mixed)
    return mixed


def _counts(sizes: Sequence[int], weights: Sequence[float | None]) -> list[int]:
    """How many rows of each source; the largest remainders round up. A source without rows has none."""
    present = [weight if size else 0.0 for size, weight in zip(sizes, weights, strict=True)]
    shares = [float(weight) for weight in present if weight is not None]
    if len(shares) < len(sizes):
        return list(sizes)
    total = sum(sizes)
    exact = [total * share / sum(shares) for share in shares]
    counts = [math.floor(value) for value in exact]
    remainders = sorted(range(len(exact)), key=lambda place: counts[place] - exact[place])
    for place in remainders[: total - sum(counts)]:
        counts[place] += 1
    return counts


def _drawn(rows: Sequence[Row], count: int, draws: random.Random) -> list[Row]:
    if not count:
        return []
    times, rest = divmod(count, len(rows))
    return [*list(rows) * times, *draws.sample(rows, rest)]
