"""Studies of one search on base models of several sizes, whose losses follow planted power laws."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from astraios_ray.records import Score, StudyRecord
from astraios_ray.report.analysis.leaderboard import Leaderboard, leaderboard
from tests.fakes.study_records import record, result

SIZES = (100_000, 400_000, 900_000, 3_200_000)  # parameters, about those of the embedded models


def sized(
    losses: Mapping[str, Sequence[float]],
    sizes: Sequence[int] = SIZES,
    scores: Mapping[str, Sequence[Score]] | None = None,
) -> dict[str, Leaderboard]:
    """A study per size with one full-length trial per method: method -> its loss at each size."""
    return {
        f"at{size}": leaderboard(_study(size, place, losses, scores or {}))
        for place, size in enumerate(sizes)
    }


def lawful(
    seed: int, exponents: Mapping[str, float], noise: float = 0.0, sizes: Sequence[int] = SIZES
) -> dict[str, Leaderboard]:
    """Studies whose losses are ``3 * size ** -exponent``, times the exponential of normal ``noise``."""
    rng = np.random.default_rng(seed)
    across = np.asarray(sizes, float)
    losses = {
        name: (3 * across**-exponent * np.exp(rng.normal(0, noise, len(sizes)))).tolist()
        for name, exponent in exponents.items()
    }
    return sized(losses, sizes)


def _study(
    size: int, place: int, losses: Mapping[str, Sequence[float]], scores: Mapping[str, Sequence[Score]]
) -> StudyRecord:
    results = []
    for number, (method, losses_by_size) in enumerate(losses.items()):
        trial_scores = (scores[method][place],) if method in scores else ()
        trial = result(number, method, losses={200: losses_by_size[place]}, scores=trial_scores)
        results.append(replace(trial, cost=replace(trial.cost, base_parameters=size)))
    return record(*results, methods=dict.fromkeys(losses))
