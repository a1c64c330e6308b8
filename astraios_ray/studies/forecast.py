"""How many trials a study runs, and how many steps they take under its early-stopping rule."""

import random
import tempfile
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean

from astraios_ray.config.study import StudyConfig
from astraios_ray.search.brackets import bracket_size, bracket_sizes
from astraios_ray.search.repeats import repeats_expected
from astraios_ray.search.scheduler import Action, Scheduler
from astraios_ray.search.schedulers import make_scheduler
from astraios_ray.search.searcher import Searcher
from astraios_ray.space.space import Space, size

ROUNDS = 20  # of made-up losses, over which the expected steps are averaged
PLAYED = 2000  # trials of a round at most; what more trials take follows in proportion


@dataclass(frozen=True)
class Forecast:
    """What the search will run. Steps are optimiser steps summed over trials."""

    trials: int
    first_bracket: Mapping[str, int]  # trials of each method that start together
    rungs: tuple[int, ...]
    steps: int  # expected, if losses fell by chance
    steps_unstopped: int
    audited: float  # losers that finish, expected
    repeats: int  # of the best, with other seeds and in full, at most


def forecast(study: StudyConfig, space: Space) -> Forecast:
    """Draw the first bracket as the search will, and run the scheduler on made-up losses."""
    searches = study.searches()
    single = _of_one(searches[0], space)
    return replace(
        single,
        trials=single.trials * len(searches),
        first_bracket={method: count * len(searches) for method, count in single.first_bracket.items()},
        steps=single.steps * len(searches),
        steps_unstopped=single.steps_unstopped * len(searches),
        audited=single.audited * len(searches),
    )


def _of_one(study: StudyConfig, space: Space) -> Forecast:
    trials = min(study.budget.trials, _configurations(study, space))
    scheduler = _scheduler(study, study.search.seed)
    with tempfile.TemporaryDirectory() as folder:
        searcher = Searcher(study, space, Path(folder) / "optuna.log")
        bracket = searcher.bracket(
            0, min(trials, bracket_size(study, len(space), scheduler.rungs, first=True))
        )
    sizes = bracket_sizes(study, len(space), scheduler.rungs, min(trials, PLAYED))
    played = [_played(study, list(space), sizes, seed) for seed in range(ROUNDS)]
    scale = trials / min(trials, PLAYED)
    return Forecast(
        trials=trials,
        first_bracket=dict(Counter(suggestion.method for suggestion in bracket)),
        rungs=scheduler.rungs,
        steps=round(scale * mean(steps for steps, _ in played)),
        steps_unstopped=trials * study.training.max_steps,
        audited=scale * mean(audited for _, audited in played),
        repeats=repeats_expected(study),
    )


def _scheduler(study: StudyConfig, seed: int) -> Scheduler:
    within_methods = study.search.within_methods
    return make_scheduler(study.early_stop, training=study.training, seed=seed, within_methods=within_methods)


def _configurations(study: StudyConfig, space: Space) -> int:
    if study.search.sampler != "grid":
        return study.budget.trials
    return sum(size(domains) or 0 for domains in space.values())


def _played(study: StudyConfig, methods: Sequence[str], sizes: Sequence[int], seed: int) -> tuple[int, int]:
    """Steps taken and losers audited when every trial keeps a loss drawn by chance."""
    rng = random.Random(seed)
    scheduler = _scheduler(study, seed)
    spent, audited, number = 0, set(), 0
    for bracket, count in enumerate(sizes):
        names = [f"t{number + place:04d}" for place in range(count)]
        number += count
        for place, name in enumerate(names):
            scheduler.enter(name, methods[place % len(methods)], bracket)
        losses = {name: rng.random() for name in names}
        ready, steps = deque(names), dict.fromkeys(names, 0)
        while ready:
            name = ready.popleft()
            rung = next(rung for rung in scheduler.rungs if rung > steps[name])
            spent, steps[name] = spent + rung - steps[name], rung
            if rung == scheduler.rungs[-1]:
                continue
            for decision in scheduler.report(name, rung, losses[name]):
                if decision.action is Action.CONTINUE:
                    ready.append(decision.trial)
                    audited |= {decision.trial} if decision.audited else set()
    return spent, len(audited)
