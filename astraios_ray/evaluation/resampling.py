"""Intervals of metrics that are no means, but functions of sums over problems."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from astraios_ray.evaluation.metrics import RESAMPLES

Sums = npt.NDArray[np.float64]  # [resamples, quantities]
_AT_A_TIME = 100  # resamples


def interval_of_sums(
    counts: Sequence[Sequence[float]], metric: Callable[[Sums], npt.NDArray[np.float64]], seed: int = 0
) -> tuple[float, float] | None:
    """95 % interval of ``metric`` of the sums of ``counts`` [problems, quantities].

    Percentile bootstrap over problems, 2,000 resamples, seeded. ``metric`` takes many rows of sums at once.
    None where all resamples agree: then they say nothing of how sure the number is.
    """
    # equal problems are drawn together: of yes and no there are six kinds, whatever their number
    table, alike = np.unique(np.asarray(counts, dtype=np.float64), axis=0, return_counts=True)
    drawn, problems, shares = np.random.default_rng(seed), len(counts), alike / len(counts)
    values = np.concatenate(
        [
            metric(drawn.multinomial(problems, shares, size=_AT_A_TIME) @ table)
            for _ in range(RESAMPLES // _AT_A_TIME)
        ]
    )
    low, high = np.quantile(values, (0.025, 0.975))
    return (float(low), float(high)) if values.min() < values.max() else None


def summed(counts: Sequence[Sequence[float]]) -> Sums:
    """The sums of ``counts`` [problems, quantities] as one row, for a metric of sums."""
    sums: Sums = np.asarray(counts, dtype=np.float64).sum(axis=0, keepdims=True)
    return sums


def per_problem(rows: Iterable[tuple[str, Sequence[float]]]) -> list[Sequence[float]]:
    """The sums of each problem's rows, in the order of first appearance: problems are what is drawn."""
    sums: dict[str, Sequence[float]] = {}
    for problem, row in rows:
        before = sums.get(problem)
        sums[problem] = row if before is None else [a + b for a, b in zip(before, row, strict=True)]
    return list(sums.values())
