"""The cost of finding a winner with early stopping: successive halving with pausing, against three others.

Recorded learning curves stand in for training, so that the best trial is known. In each of many searches
some of the curves are drawn, in a random order; workers train them at speeds that differ a little; each
scheduler is the library's real object. Ours runs as a study does: the first comparison is after a ninth of a
trial, one in three of each method continues, and a tenth of the losers is audited. Every baseline runs with
its own best settings: the cheapest of those that find the best trial as often as ours, or as often as any of
them.
"""

import argparse
import heapq
import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean

from astraios_ray.search.scheduler import Action
from benchmarks.curves import Curve, read_curves
from benchmarks.early_stopping import (
    Make,
    OptunaHyperband,
    Ours,
    RayAsha,
    Scheduler,
    Settings,
    SyneTuneAsha,
    has_syne_tune,
)
from benchmarks.results import RECORDED, Case, write_results

TRIALS, WORKERS = 27, 4
TARGET = 1.0  # times less steps
OURS = Settings(grace=18, reduction=3)
GRACES, REDUCTIONS = (6, 12, 18, 54), (2, 3, 4, 6)  # the settings that are tested for a baseline
BASELINES: Mapping[str, tuple[Make, Sequence[int]]] = {  # the scheduler, numbers of brackets
    "ray_asha": (RayAsha, (1, 3)),
    "optuna_hyperband": (OptunaHyperband, (1,)),  # the number follows from the rest
    "syne_tune_asha": (SyneTuneAsha, (1, 3)),
}

Draws = Sequence[Sequence[Curve]]  # the trials of each search, in the order in which they start


@dataclass(frozen=True)
class Search:
    """The result of one search."""

    spent: float  # share of the steps of training every trial in full
    rank: int  # of the winner, when every trial is trained in full; 0 is the best
    idle: float  # share of the workers' time


@dataclass(frozen=True)
class SearchMean:
    """The mean results of many searches."""

    settings: Settings
    spent: float
    best: float  # share of the searches whose winner is the best trial
    rank: float
    idle: float


def main() -> None:
    """Compare, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--trials", type=int, default=TRIALS, help="of a search; else nothing is written")
    parser.add_argument("--without-full", action="store_true", help="as above: parameter-efficient ones only")
    options = parser.parse_args()
    curves = [curve for curve in read_curves() if curve.method != "full" or not options.without_full]
    draws = [random.Random(seed).sample(curves, options.trials) for seed in range(options.seeds)]
    ours = mean_of_searches(Ours, OURS, draws)
    _show("ours", ours)
    cases = [
        _case(name, ours, _cheapest(make, brackets, ours, draws))
        for name, (make, brackets) in BASELINES.items()
        if name != "syne_tune_asha" or has_syne_tune()
    ]
    if not has_syne_tune():
        print("syne-tune is not here: pip install --no-deps syne-tune==0.16.0 to compare with its ASHA")
    if options.trials == TRIALS and not options.without_full:
        print(f"written to {write_results(cases, RECORDED)}")


def mean_of_searches(make: Make, settings: Settings, draws: Draws) -> SearchMean:
    """The mean results of one search for each draw."""
    searches = []
    for seed, curves in enumerate(draws):
        rule = make(settings, [curve.method for curve in curves], curves[0].steps, seed)
        searches.append(search(rule, curves, random.Random(seed)))
    return SearchMean(
        settings,
        spent=fmean(each.spent for each in searches),
        best=fmean(each.rank == 0 for each in searches),
        rank=fmean(each.rank for each in searches),
        idle=fmean(each.idle for each in searches),
    )


def search(rule: Scheduler, curves: Sequence[Curve], chance: random.Random) -> Search:
    """Train the curves on WORKERS workers under ``rule``; promoted trials come before new ones."""
    waiting, steps, clock = deque(range(len(curves))), [0] * len(curves), 0.0
    busy: list[tuple[float, int]] = []  # the time of the next validation of a trial
    finished: list[int] = []
    while waiting or busy:
        while waiting and len(busy) < WORKERS:
            heapq.heappush(busy, (clock + _time(curves[0], chance), waiting.popleft()))
        clock, trial = heapq.heappop(busy)
        steps[trial] += curves[trial].every
        loss = curves[trial].at(steps[trial])
        if steps[trial] == curves[trial].steps and loss < float("inf"):
            finished.append(trial)
            continue
        decisions = rule.report(trial, steps[trial], loss) if loss < float("inf") else rule.diverged(trial)
        for decision in decisions:
            if decision.action is Action.CONTINUE and decision.trial == f"{trial}":
                heapq.heappush(busy, (clock + _time(curves[trial], chance), trial))
            elif decision.action is Action.CONTINUE:
                waiting.appendleft(int(decision.trial))
    final_losses = [curve.at(curve.steps) for curve in curves]
    winner = min(final_losses[trial] for trial in finished)
    spent = sum(steps)
    return Search(
        spent / sum(curve.steps for curve in curves),
        sum(loss < winner for loss in final_losses),
        1 - spent / (clock * WORKERS),
    )


def _time(curve: Curve, chance: random.Random) -> float:
    """The time of the steps to the next validation: a worker is up to a tenth slower or faster."""
    return curve.every * chance.uniform(0.9, 1.1)


def _cheapest(make: Make, brackets: Sequence[int], ours: SearchMean, draws: Draws) -> SearchMean:
    """The baseline with its best settings."""
    settings = [Settings(*each) for each in product(GRACES, REDUCTIONS, brackets)]
    tried = [mean_of_searches(make, each, draws) for each in settings]
    enough = min(ours.best, max(each.best for each in tried))
    return min((each for each in tried if each.best >= enough), key=lambda each: each.spent)


def _case(name: str, ours: SearchMean, baseline: SearchMean) -> Case:
    _show(name, baseline)
    limit = "grace / steps, each trial's first TrainReport"
    unit = "share of the steps of training all"
    return Case(
        f"halving_vs_{name}", baseline.spent, ours.spent, unit, baseline.spent / ours.spent, TARGET, limit
    )


def _show(name: str, result: SearchMean) -> None:
    print(
        f"{name:18} {result.settings}: {result.spent:.3f} of all steps, best found {result.best:.2f}, "
        f"winner's rank {result.rank:.2f}, workers idle {result.idle:.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
