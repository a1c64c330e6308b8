"""What early stopping spends to find a winner: successive halving with pausing, against three other rules.

Recorded learning curves stand in for training, so that the best trial is known. In each of many searches
some of the curves are drawn, in a random order; workers train them at speeds that differ a little; each rule
is the library's real object. Ours runs with the shares of the quickstart study (the first comparison after a
ninth of a trial, one in three goes on). Every baseline runs with its own best settings: of those that found
the best trial as often as ours did, or as often as any of them could, the cheapest.
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
from benchmarks.results import Case, write_results

TRIALS, WORKERS = 27, 4
TARGET = 2.0  # times less steps
OURS = Settings(grace=18, reduction=3)
GRACES, REDUCTIONS = (6, 12, 18, 54), (2, 3, 4, 6)  # that are tried for a baseline
BASELINES: Mapping[str, tuple[Make, Sequence[int]]] = {  # the rule, numbers of brackets
    "ray_asha": (RayAsha, (1, 3)),
    "optuna_hyperband": (OptunaHyperband, (1,)),  # how many follows from the rest
    "syne_tune_asha": (SyneTuneAsha, (1, 3)),
}

Draws = Sequence[Sequence[Curve]]  # the trials of each search, in the order in which they start


@dataclass(frozen=True)
class Search:
    """What one search came to."""

    spent: float  # share of the steps of training every trial in full
    rank: int  # of the winner, when every trial is trained in full; 0 is the best
    idle: float  # share of the workers' time


@dataclass(frozen=True)
class Found:
    """The mean of many searches."""

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
    ours = found(Ours, OURS, draws)
    _show("ours", ours)
    cases = [
        _case(name, ours, _cheapest(make, brackets, ours, draws))
        for name, (make, brackets) in BASELINES.items()
        if name != "syne_tune_asha" or has_syne_tune()
    ]
    if not has_syne_tune():
        print("syne-tune is not here: pip install --no-deps syne-tune==0.16.0 to compare with its ASHA")
    if options.trials == TRIALS and not options.without_full:
        print(f"written to {write_results(cases)}")


def found(make: Make, settings: Settings, draws: Draws) -> Found:
    """The mean over one search for each draw."""
    searches = []
    for seed, drawn in enumerate(draws):
        rule = make(settings, len(drawn), drawn[0].steps, seed)
        searches.append(search(rule, drawn, random.Random(seed)))
    return Found(
        settings,
        spent=fmean(each.spent for each in searches),
        best=fmean(each.rank == 0 for each in searches),
        rank=fmean(each.rank for each in searches),
        idle=fmean(each.idle for each in searches),
    )


def search(rule: Scheduler, curves: Sequence[Curve], chance: random.Random) -> Search:
    """Train the curves on WORKERS workers under ``rule``; those that go on come before new ones."""
    waiting, steps, clock = deque(range(len(curves))), [0] * len(curves), 0.0
    busy: list[tuple[float, int]] = []  # when the next validation of a trial is there
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
        decisions = rule.report(trial, steps[trial], loss) if loss < float("inf") else rule.gone(trial)
        for decision in decisions:
            if decision.action is Action.CONTINUE and decision.trial == f"{trial}":
                heapq.heappush(busy, (clock + _time(curves[trial], chance), trial))
            elif decision.action is Action.CONTINUE:
                waiting.appendleft(int(decision.trial))
    whole = [curve.at(curve.steps) for curve in curves]
    winner = min(whole[trial] for trial in finished)
    spent = sum(steps)
    return Search(
        spent / sum(curve.steps for curve in curves),
        sum(loss < winner for loss in whole),
        1 - spent / (clock * WORKERS),
    )


def _time(curve: Curve, chance: random.Random) -> float:
    """Of the steps to the next validation: a worker is up to a tenth slower or faster."""
    return curve.every * chance.uniform(0.9, 1.1)


def _cheapest(make: Make, brackets: Sequence[int], ours: Found, draws: Draws) -> Found:
    """The baseline with its best settings."""
    settings = [Settings(*each) for each in product(GRACES, REDUCTIONS, brackets)]
    tried = [found(make, each, draws) for each in settings]
    enough = min(ours.best, max(each.best for each in tried))
    return min((each for each in tried if each.best >= enough), key=lambda each: each.spent)


def _case(name: str, ours: Found, theirs: Found) -> Case:
    _show(name, theirs)
    limit = "grace / steps, each trial's first train_report"
    unit = "share of the steps of training all"
    return Case(
        f"halving_vs_{name}", theirs.spent, ours.spent, unit, theirs.spent / ours.spent, TARGET, limit
    )


def _show(name: str, found: Found) -> None:
    print(
        f"{name:18} {found.settings}: {found.spent:.3f} of all steps, best found {found.best:.2f}, "
        f"winner's rank {found.rank:.2f}, workers idle {found.idle:.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
