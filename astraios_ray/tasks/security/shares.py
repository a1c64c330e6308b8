"""Shares over many samples of a few problems, with an interval."""

from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np

from astraios_ray.evaluation.mean_interval import wilson
from astraios_ray.evaluation.metrics import Metric
from astraios_ray.evaluation.resampling import RESAMPLES
from astraios_ray.records import Verdict


def share(
    verdicts: Iterable[Verdict], of: Callable[[Verdict], bool], among: Callable[[Verdict], bool]
) -> Metric | None:
    """The share of samples with ``of`` among those with ``among``; None when there are none with ``among``.

    The samples of all problems are counted together, as in the paper. The interval is a bootstrap over
    units, since samples of one problem are similar. ``count`` is the number of samples with ``among``.
    """
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for verdict in verdicts:
        if among(verdict):
            counts[verdict.unit][0] += of(verdict)
            counts[verdict.unit][1] += 1
    if not counts:
        return None
    parts, wholes = np.array(list(counts.values())).T
    value = float(parts.sum() / wholes.sum())
    return Metric(value, _interval(parts, wholes, value), int(wholes.sum()))


def _interval(parts: np.ndarray, wholes: np.ndarray, value: float, seed: int = 0) -> tuple[float, float]:
    """The 95 % bootstrap interval; Wilson's interval over units where all agree."""
    if len(set(parts / wholes)) < 2:
        return wilson(value, len(parts))
    resamples = np.random.default_rng(seed).integers(len(parts), size=(RESAMPLES, len(parts)))
    low, high = np.percentile(parts[resamples].sum(1) / wholes[resamples].sum(1), (2.5, 97.5))
    return float(low), float(high)
