"""Whole searches over seven methods on a surface of losses: ours, and those of other libraries.

Ours runs with its real searcher and scheduler, one bracket after the other. The others draw the method as
one more parameter, with the real objects of their libraries; four trials train at a time, and new ones begin
until as many steps are spent. Each has the first comparison and the reduction of ours.
"""

import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np

from astraios_ray.config.study import StudyConfig
from astraios_ray.methods.method import traits_of
from astraios_ray.records import TrialResult, TrialState, ValidationPoint, Value
from astraios_ray.search.brackets import bracket_size
from astraios_ray.search.scheduler import Action, Scheduler
from astraios_ray.search.schedulers import make_scheduler
from astraios_ray.search.searcher import Searcher
from astraios_ray.space.domains import Choice, Real
from astraios_ray.space.make_specs import make_spec
from benchmarks.loss_surfaces import Surface, Trial

GRACE, REDUCTION, WORKERS = 18, 3, 4
Configuration = tuple[str, Mapping[str, Value]]  # a method and its values


class Baseline(Protocol):
    """A search of another library."""

    def suggest(self, number: int) -> Configuration:
        """The configuration of the trial ``number``."""
        ...

    def report(self, number: int, step: int, loss: float) -> bool:
        """Whether the trial goes on after a validation."""
        ...


def ours(surface: Surface, trials: int, seed: int, search: Mapping[str, Any] | None = None) -> list[Trial]:
    """All trials of a study of ``trials``, audited losers included."""
    study = study_of(surface, trials, seed, search or {})
    rng, trained = np.random.default_rng([9, seed]), dict[str, Trial]()
    within = study.search.within_methods
    scheduler = make_scheduler(study.early_stop, training=study.training, seed=seed, within_methods=within)
    with tempfile.TemporaryDirectory() as folder:
        searcher, number = Searcher(study, surface.space, Path(folder) / "optuna.log"), 0
        while len(trained) < trials:
            size = bracket_size(study, len(surface.methods), scheduler.rungs, first=not number)
            suggestions = searcher.bracket(number, min(size, trials - len(trained)))
            bracket = {
                f"t{place:04d}": (s, surface.start(s.method, s.values, rng))
                for place, s in enumerate(suggestions, start=len(trained))
            }
            for name, (suggestion, _) in bracket.items():
                scheduler.enter(name, suggestion.method, number)
            _train(scheduler, {name: trial for name, (_, trial) in bracket.items()}, surface)
            for name, (suggestion, trial) in bracket.items():
                searcher.tell(_result(study, surface, name, suggestion.method, suggestion.values, trial))
                trained[name] = trial
            number += 1
    return list(trained.values())


def theirs(make: Callable[[Surface, int], Baseline], surface: Surface, steps: int, seed: int) -> list[Trial]:
    """All trials of a baseline that begins new ones until ``steps`` are spent."""
    baseline, rng, trials = make(surface, seed), np.random.default_rng([9, seed]), list[Trial]()
    running: list[int] = []
    spent = 0
    while spent < steps:
        while len(running) < WORKERS:
            running.append(len(trials))
            trials.append(surface.start(*baseline.suggest(len(trials)), rng))
        number = running.pop(0)
        trials[number].at += 1
        spent += surface.every
        if baseline.report(number, trials[number].at * surface.every, trials[number].loss):
            running.append(number)
    return trials


def study_of(surface: Surface, trials: int, seed: int, search: Mapping[str, Any]) -> StudyConfig:
    """The study that ours runs."""
    return StudyConfig.model_validate(
        {
            "name": "regret",
            "model": {"id": "builtin:nano-xs", "dtype": "fp32"},
            "data": {"train": "builtin:primer"},
            "training": {
                "max_steps": surface.every * surface.validations,
                "validate_every": surface.every,
                "warmup_steps": 12,
            },
            "search": {"seed": seed, **search},
            "budget": {"trials": trials},
            "early_stop": {"grace": GRACE, "reduction": REDUCTION},
            "methods": {method: {} for method in surface.methods},
        }
    )


def _train(scheduler: Scheduler, trials: Mapping[str, Trial], surface: Surface) -> None:
    """Train the trials of a bracket as far as the scheduler lets them."""
    ready = list(trials)
    while ready:
        name = ready.pop(0)
        step = trials[name].at * surface.every
        until = next(rung for rung in scheduler.rungs if rung > step)
        trials[name].at = until // surface.every
        if until < scheduler.rungs[-1]:
            decisions = scheduler.report(name, until, trials[name].loss)
            ready += [each.trial for each in decisions if each.action is Action.CONTINUE]


def _result(
    study: StudyConfig, surface: Surface, name: str, method: str, values: Mapping[str, Value], trial: Trial
) -> TrialResult:
    spec = make_spec(study, int(name[1:]), method, values, study.search.seed, traits_of)
    losses = np.exp(trial.curve[: trial.at]).tolist()
    points = tuple(
        ValidationPoint(surface.every * place, loss, loss, 0.0) for place, loss in enumerate(losses, start=1)
    )
    complete = trial.at == surface.validations
    return TrialResult(spec, TrialState.COMPLETE if complete else TrialState.STOPPED, points)


class OptunaHyperband:
    """Optuna's TPE over method and values, with its Hyperband pruner."""

    def __init__(self, surface: Surface, seed: int, method: str = "") -> None:
        """Of one ``method``, or of all."""
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._steps = surface.every * surface.validations
        self._space = {name: surface.space[name] for name in ([method] if method else surface.methods)}
        self._trials: list[Any] = []
        pruner = optuna.pruners.HyperbandPruner(
            min_resource=GRACE, max_resource=self._steps, reduction_factor=REDUCTION
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True, constant_liar=True)
        self._study = optuna.create_study(study_name=f"{seed}", sampler=sampler, pruner=pruner)

    def suggest(self, number: int) -> Configuration:
        """Ask the study."""
        trial: Any = self._study.ask()
        self._trials.append(trial)
        method = trial.suggest_categorical("method", list(self._space))
        values: dict[str, Value] = {}
        for name, domain in self._space[method].items():
            key = f"{method}.{name}"
            if isinstance(domain, Choice):
                values[name] = trial.suggest_categorical(key, list(domain.options))
            elif isinstance(domain, Real):
                values[name] = trial.suggest_float(key, domain.low, domain.high, log=True)
        return method, values

    def report(self, number: int, step: int, loss: float) -> bool:
        """Report to the trial, and tell the study of its end."""
        import optuna

        trial = self._trials[number]
        trial.report(loss, step)
        if step == self._steps:
            self._study.tell(trial, loss)
            return False
        if trial.should_prune():
            self._study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            return False
        return True


class OptunaOfEachMethod:
    """A study like that for each method, which take turns."""

    def __init__(self, surface: Surface, seed: int) -> None:
        self._studies = [OptunaHyperband(surface, seed, method) for method in surface.methods]

    def suggest(self, number: int) -> Configuration:
        """Ask the study whose turn it is."""
        place, turn = number // len(self._studies), number % len(self._studies)
        return self._studies[turn].suggest(place)

    def report(self, number: int, step: int, loss: float) -> bool:
        """Report to its study."""
        place, turn = number // len(self._studies), number % len(self._studies)
        return self._studies[turn].report(place, step, loss)


class RayAsha:
    """Ray Tune's ASHA over random configurations."""

    def __init__(self, surface: Surface, seed: int) -> None:
        from ray.tune.schedulers import AsyncHyperBandScheduler

        self._surface, self._rng = surface, np.random.default_rng([7, seed])
        self._scheduler: Any = AsyncHyperBandScheduler(
            time_attr="step",
            metric="loss",
            mode="min",
            max_t=surface.every * surface.validations,
            grace_period=GRACE,
            reduction_factor=REDUCTION,
        )
        self._trials: list[SimpleNamespace] = []

    def suggest(self, number: int) -> Configuration:
        """A random configuration."""
        self._trials.append(SimpleNamespace(trial_id=f"{number}"))
        self._scheduler.on_trial_add(None, self._trials[number])
        method = self._surface.methods[int(self._rng.integers(len(self._surface.methods)))]
        values: dict[str, Value] = {}
        for name, domain in self._surface.space[method].items():
            if isinstance(domain, Choice):
                values[name] = domain.options[self._rng.integers(len(domain.options))]
            elif isinstance(domain, Real):
                values[name] = float(domain.low * (domain.high / domain.low) ** self._rng.random())
        return method, values

    def report(self, number: int, step: int, loss: float) -> bool:
        """The decision of ``on_trial_result``."""
        result = {"step": step, "loss": loss}
        decision: str = self._scheduler.on_trial_result(None, self._trials[number], result)
        return decision == "CONTINUE"


class SyneTune:
    """syne-tune's ASHA over random configurations, or its BOHB."""

    def __init__(self, surface: Surface, seed: int, kind: str) -> None:
        from syne_tune.config_space import choice, loguniform
        from syne_tune.optimizer import baselines

        np.random.seed(seed)
        self._steps, self._space = surface.every * surface.validations, surface.space
        space: dict[str, Any] = {"method": choice(list(surface.methods))}
        for method, domains in surface.space.items():
            for name, domain in domains.items():
                if isinstance(domain, Choice):
                    space[f"{method}.{name}"] = choice(list(domain.options))
                elif isinstance(domain, Real):
                    space[f"{method}.{name}"] = loguniform(domain.low, domain.high)
        self._scheduler: Any = getattr(baselines, kind)(
            space,
            metric="loss",
            time_attr="step",
            max_t=self._steps,
            grace_period=GRACE,
            reduction_factor=REDUCTION,
            random_seed=seed,
        )
        self._trials: list[Any] = []

    def suggest(self, number: int) -> Configuration:
        """Ask the scheduler."""
        from syne_tune.backend.trial_status import Trial as SyneTrial

        drawn = self._scheduler.suggest().config
        self._trials.append(SyneTrial(number, drawn, datetime(2026, 1, 1)))
        self._scheduler.on_trial_add(self._trials[number])
        method = drawn["method"]
        return method, {name: drawn[f"{method}.{name}"] for name in self._space[method]}

    def report(self, number: int, step: int, loss: float) -> bool:
        """The decision of ``on_trial_result``; a full trial is told as complete."""
        result = {"step": step, "loss": loss}
        if step == self._steps:
            self._scheduler.on_trial_complete(self._trials[number], result)
            return False
        decision: str = self._scheduler.on_trial_result(self._trials[number], result)
        return decision == "CONTINUE"


def baselines(*, syne_tune: bool) -> dict[str, Callable[[Surface, int], Baseline]]:
    """The searches that ours is compared with, by name."""
    made: dict[str, Callable[[Surface, int], Baseline]] = {
        "Optuna TPE + Hyperband": OptunaHyperband,
        "the same, a study for each method": OptunaOfEachMethod,
        "Ray ASHA": RayAsha,
    }
    if syne_tune:
        made["syne-tune ASHA"] = lambda surface, seed: SyneTune(surface, seed, "ASHA")
        made["syne-tune BOHB"] = lambda surface, seed: SyneTune(surface, seed, "BOHB")
    return made


def spent(trials: Sequence[Trial], surface: Surface) -> int:
    """The steps of all trials."""
    return sum(trial.at for trial in trials) * surface.every
