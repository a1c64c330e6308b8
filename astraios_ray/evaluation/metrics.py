"""Compute pass@k and its interval from verdicts."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from astraios_ray.records import Outcome, Verdict

PASS_AT = (1, 10)
RESAMPLES = 2000


@dataclass(frozen=True)
class Metric:
    """One value of a score, from 0 to 1, with its interval."""

    value: float
    interval: tuple[float, float] | None  # 95 %
    count: int  # of the problems, or of what the metric's name says, that the mean is over


@dataclass(frozen=True)
class Tally:
    """The counts of one problem's samples."""

    passed: int
    samples: int


def passed_at(verdicts: Sequence[Verdict], ks: Sequence[int] = PASS_AT) -> dict[str, Metric]:
    """``pass_at_<k>`` for each k that all problems have samples for."""
    tallies = list(tally(verdicts).values())
    fewest = min(counts.samples for counts in tallies)
    by_k = {f"pass_at_{k}": solved_by_any(tallies, k) for k in ks if k <= fewest}
    return {name: mean_of(values) for name, values in by_k.items()}


def mean_of(values: Sequence[float]) -> Metric:
    """The mean of values from 0 to 1, one per problem, with its bootstrap interval."""
    return Metric(math.fsum(values) / len(values), interval(values), len(values))


def tally(verdicts: Iterable[Verdict]) -> dict[str, Tally]:
    """Samples and passed samples per problem, in the order of first appearance, the unscored left out."""
    passed: dict[str, list[bool]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.outcome is not Outcome.UNSCORED:
            passed[verdict.problem].append(verdict.outcome is Outcome.PASSED)
    return {problem: Tally(sum(samples), len(samples)) for problem, samples in passed.items()}


def pass_at_k(tallies: Sequence[Tally], k: int) -> float:
    """The chance that one of ``k`` samples solves a problem, averaged over problems. From 0 to 1.

    The unbiased estimator of Chen et al. 2021 (arXiv 2107.03374, section 2.1). Raises ValueError when a
    problem has fewer than ``k`` samples, or when there is no problem.
    """
    return math.fsum(solved_by_any(tallies, k)) / len(tallies)


def solved_by_any(tallies: Sequence[Tally], k: int) -> list[float]:
    """Per problem: one minus the chance that ``k`` of its samples, drawn without replacement, all fail."""
    if not tallies or k < 1 or k > min(tally.samples for tally in tallies):
        fewest = min((tally.samples for tally in tallies), default=0)
        raise ValueError(f"pass@{k} of {len(tallies)} problems with {fewest} samples or more.")
    return [_any_of(tally, k) for tally in tallies]


def _any_of(tally: Tally, k: int) -> float:
    failed = tally.samples - tally.passed
    # exact integers, since binomials of floats lose digits from about 60 samples on
    return 1.0 - math.comb(failed, k) / math.comb(tally.samples, k)


def interval(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """95 % interval of the mean of ``values``, one per problem, each from 0 to 1.

    Percentile bootstrap over problems (scipy.stats.bootstrap, 2,000 resamples, seeded). When all values are
    equal, resamples do not vary; then it is Wilson's interval of the mean as a share of that many problems.
    """
    if len(set(values)) < 2:
        return wilson(values[0], len(values))
    return bootstrapped(values, seed)


def bootstrapped(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """95 % interval of the mean of ``values``, not all of which are equal: percentile bootstrap, seeded."""
    from scipy import stats  # takes a second of CPU, which lanes, who only write, would spend before training

    result = stats.bootstrap(
        (np.asarray(values),),
        np.mean,
        n_resamples=RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    low, high = result.confidence_interval
    return float(low), float(high)


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of ``share`` of ``count`` by Wilson 1927.

    scipy's takes whole counts only; a share here may be the mean of several samples of each problem.
    """
    z = 1.959963984540054
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, centre - half), min(1.0, centre + half)
