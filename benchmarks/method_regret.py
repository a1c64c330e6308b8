"""The regret of each method's best trial at equal steps: ours against searches of other libraries.

The regret of a method is how far, in % of the loss, the trial that a search would name as its best is above
the best one in the method's ranges. A method without a full trial is named by its furthest trial, as if that
one trained on at no cost; one that was never tried, by the middle of its ranges.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from benchmarks.early_stopping import has_syne_tune
from benchmarks.loss_surfaces import Surface, Trial
from benchmarks.method_searches import baselines, ours, spent, theirs
from benchmarks.results import RECORDED, Case, write_results

RANGES, TRIALS = ("close", "quickstart"), (28, 84)
TARGET = 2.0  # times less mean regret per method


@dataclass(frozen=True)
class Regret:
    """Mean regrets of many searches, in %."""

    methods: float  # mean over the methods
    error: float  # standard error of that
    worst: float  # the method with the most
    best: float  # of the best trial of all
    steps: float


def main() -> None:
    """Compare, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    options = parser.parse_args()
    print("| ranges | trials | search | steps | mean regret per method | worst method | best of all |")
    print("|---|--:|---|--:|--:|--:|--:|")
    cases = [
        case
        for ranges in RANGES
        for trials in TRIALS
        for case in _compared(Surface(ranges), trials, options.seeds)
    ]
    if not options.dry:
        print(f"written to {write_results(cases, RECORDED)}")


def _compared(surface: Surface, trials: int, seeds: int) -> list[Case]:
    mine = [ours(surface, trials, seed) for seed in range(seeds)]
    result = regret(surface, mine)
    _show(surface, trials, "ours", result)
    others = {}
    for name, make in baselines(syne_tune=has_syne_tune()).items():
        runs = [theirs(make, surface, spent(run, surface), seed) for seed, run in enumerate(mine)]
        others[name] = regret(surface, runs)
        _show(surface, trials, name, others[name])
    least = min(other.methods for other in others.values())
    best = min(other.best for other in others.values())
    name, limit = f"{surface.ranges}_{trials}", "0"
    return [
        _case(f"regret_of_methods_{name}", least, result.methods, TARGET, limit),
        _case(f"regret_of_the_best_{name}", best, result.best, 1.0, limit),
    ]


def regret(surface: Surface, runs: Sequence[Sequence[Trial]]) -> Regret:
    """The mean regrets of ``runs`` on a surface."""
    by_method = [[_of_method(surface, run, method) for method in surface.methods] for run in runs]
    means = [fmean(row) for row in by_method]
    return Regret(
        methods=fmean(means),
        error=float(np.std(means)) / len(means) ** 0.5,
        worst=max(fmean(column) for column in zip(*by_method, strict=True)),
        best=fmean(_of_best(surface, run) for run in runs),
        steps=fmean(spent(run, surface) for run in runs),
    )


def _of_method(surface: Surface, run: Sequence[Trial], method: str) -> float:
    tried = [trial for trial in run if trial.method == method and trial.at]
    last = min(tried, key=_rank).last if tried else surface.middle(method)
    return 100 * (last - surface.best[method])


def _of_best(surface: Surface, run: Sequence[Trial]) -> float:
    return 100 * (min((trial for trial in run if trial.at), key=_rank).last - min(surface.best.values()))


def _rank(trial: Trial) -> tuple[int, float]:
    """Trials that went further are better, then those with less loss."""
    return -trial.at, trial.loss


def _case(name: str, baseline: float, mine: float, target: float, limit: str) -> Case:
    return Case(name, baseline, mine, "% of the loss", baseline / max(mine, 1e-9), target, limit)


def _show(surface: Surface, trials: int, name: str, result: Regret) -> None:
    print(
        f"| {surface.ranges} | {trials} | {name} | {result.steps:,.0f} | {result.methods:.1f} "
        f"± {result.error:.1f} | {result.worst:.1f} | {result.best:.2f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
