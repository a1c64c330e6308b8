"""Intervals of metrics that are functions of sums over problems."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

Sums = npt.NDArray[np.float64]  # [resamples, quantities]
RESAMPLES = 2000
_AT_A_TIME = 100  # resamples


def interval_of_sums(
    counts: Sequence[Sequence[float]], metric: Callable[[Sums], npt.NDArray[np.float64]], seed: int = 0
) -> tuple[float, float] | None:
    """95 % interval of ``metric`` of the sums of ``counts`` [units, quantities].

    Percentile bootstrap over units, 2,000 resamples, seeded. ``metric`` takes many rows of sums at once.
    None when all resamples agree, since they show no uncertainty.
    """
    # units with equal counts are drawn together; yes and no give only six kinds
    table, multiplicity = np.unique(np.asarray(counts, dtype=np.float64), axis=0, return_counts=True)
    rng, units, shares = np.random.default_rng(seed), len(counts), multiplicity / len(counts)
    values = np.concatenate(
        [
            metric(rng.multinomial(units, shares, size=_AT_A_TIME) @ table)
            for _ in range(RESAMPLES // _AT_A_TIME)
        ]
    )
    low, high = np.quantile(values, (0.025, 0.975))
    return (float(low), float(high)) if values.min() < values.max() else None


def summed(counts: Sequence[Sequence[float]]) -> Sums:
    """The sums of ``counts`` [units, quantities], as one row for a metric of sums."""
    sums: Sums = np.asarray(counts, dtype=np.float64).sum(axis=0, keepdims=True)
    return sums


def sums_by(rows: Iterable[tuple[str, Sequence[float]]]) -> list[Sequence[float]]:
    """The sums of the rows of each problem or unit, in the order of first appearance."""
    sums: dict[str, Sequence[float]] = {}
    for key, row in rows:
        total = sums.get(key)
        sums[key] = row if total is None else [a + b for a, b in zip(total, row, strict=True)]
    return list(sums.values())
