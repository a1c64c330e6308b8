"""Shares over many samples of a few problems: one ratio, and how sure it is."""

from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np

from astraios_ray.evaluation.metrics import RESAMPLES, Metric, interval
from astraios_ray.records import Verdict


def share(
    verdicts: Iterable[Verdict], of: Callable[[Verdict], bool], among: Callable[[Verdict], bool]
) -> Metric | None:
    """The samples that are ``of`` among those that are ``among``; None where there are no such samples.

    The samples of all problems are counted together, as the paper does. The interval is a bootstrap over
    problems, since samples of one problem are alike. ``count`` is the number of samples among which.
    """
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for verdict in verdicts:
        if among(verdict):
            counted[verdict.problem][0] += of(verdict)
            counted[verdict.problem][1] += 1
    if not counted:
        return None
    parts, wholes = np.array(list(counted.values())).T
    value = float(parts.sum() / wholes.sum())
    return Metric(value, _interval(parts, wholes, value), int(wholes.sum()))


def _interval(parts: np.ndarray, wholes: np.ndarray, value: float, seed: int = 0) -> tuple[float, float]:
    """95 %, percentiles. Where all problems agree a resample says nothing: then Wilson's, over problems."""
    if len(set(parts / wholes)) < 2:
        return interval([value] * len(parts))
    drawn = np.random.default_rng(seed).integers(len(parts), size=(RESAMPLES, len(parts)))
    low, high = np.percentile(parts[drawn].sum(1) / wholes[drawn].sum(1), (2.5, 97.5))
    return float(low), float(high)
