"""Early-stopping rules of other libraries and our own, asked one report at a time, behind one contract.

Each wraps the library's real object. What a rule is told: every validation of a trial that trains; what it
answers: decisions, on that trial and, where it pauses trials, on others.
"""

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np

from astraios_ray.config.study import EarlyStopConfig
from astraios_ray.search.halving import Halving
from astraios_ray.search.scheduler import Action, Decision

DIVERGED = 1e9  # the loss that the other libraries are told of a diverged trial: they have no word for it


@dataclass(frozen=True)
class Settings:
    """What a user may set of a rule."""

    grace: int  # steps
    reduction: int
    brackets: int = 1


class Scheduler(Protocol):
    """One rule in one search."""

    def report(self, trial: int, step: int, loss: float) -> Sequence[Decision]:
        """Hear a validation loss; the first decision is on ``trial`` itself."""
        ...

    def gone(self, trial: int) -> Sequence[Decision]:
        """Hear that ``trial`` diverged."""
        ...


Make = Callable[[Settings, int, int, int], Scheduler]  # settings, trials, steps of a trial in full, seed


class Ours:
    """Successive halving with pausing, all trials in one bracket. Nobody is kept for its method's sake."""

    def __init__(self, settings: Settings, trials: int, steps: int, seed: int) -> None:
        config = EarlyStopConfig(
            grace=settings.grace, reduction=settings.reduction, keep_per_method=0, audit_fraction=0.0
        )
        self._rule = Halving(config, steps, settings.grace, seed)
        for trial in range(trials):
            self._rule.enter(f"{trial}", "any", 0)

    def report(self, trial: int, step: int, loss: float) -> Sequence[Decision]:
        """Only the rungs matter."""
        return self._rule.report(f"{trial}", step, loss) if step in self._rule.rungs else [_go(trial)]

    def gone(self, trial: int) -> Sequence[Decision]:
        """Nobody waits for it any more."""
        return self._rule.gone(f"{trial}")


class _Stopping:
    """A rule that says go or stop at once, and hears of a diverged trial as of a very bad one."""

    def gone(self, trial: int) -> Sequence[Decision]:
        """The search has ended it; nobody waits for it."""
        return []


class RayAsha(_Stopping):
    """``ray.tune.schedulers.AsyncHyperBandScheduler``, the stopping variant of ASHA."""

    def __init__(self, settings: Settings, trials: int, steps: int, seed: int) -> None:
        from ray.tune.schedulers import AsyncHyperBandScheduler

        np.random.seed(seed)  # it draws each trial's bracket from numpy's own generator
        self._scheduler: Any = AsyncHyperBandScheduler(
            time_attr="step",
            metric="loss",
            mode="min",
            max_t=steps,
            grace_period=settings.grace,
            reduction_factor=settings.reduction,
            brackets=settings.brackets,
        )
        self._trials = [SimpleNamespace(trial_id=f"{trial}") for trial in range(trials)]
        for each in self._trials:
            self._scheduler.on_trial_add(None, each)

    def report(self, trial: int, step: int, loss: float) -> Sequence[Decision]:
        """What ``on_trial_result`` says."""
        said = self._scheduler.on_trial_result(
            None, self._trials[trial], {"step": step, "loss": min(loss, DIVERGED)}
        )
        return [_go(trial) if said == "CONTINUE" else _stop(trial)]


class OptunaHyperband(_Stopping):
    """``optuna.pruners.HyperbandPruner``, asked through ``study.ask`` and ``trial.should_prune``."""

    def __init__(self, settings: Settings, trials: int, steps: int, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        pruner = optuna.pruners.HyperbandPruner(
            min_resource=settings.grace, max_resource=steps, reduction_factor=settings.reduction
        )  # how many brackets follows from these
        study = optuna.create_study(study_name=f"{seed}", pruner=pruner)  # the name decides the brackets
        self._trials = [study.ask() for _ in range(trials)]

    def report(self, trial: int, step: int, loss: float) -> Sequence[Decision]:
        """What ``should_prune`` says."""
        asked = self._trials[trial]
        asked.report(min(loss, DIVERGED), step)
        return [_stop(trial) if asked.should_prune() else _go(trial)]


class SyneTuneAsha(_Stopping):
    """``syne_tune``'s AsynchronousSuccessiveHalving, an optional baseline."""

    def __init__(self, settings: Settings, trials: int, steps: int, seed: int) -> None:
        from syne_tune.backend.trial_status import Trial
        from syne_tune.config_space import randint
        from syne_tune.optimizer.schedulers.asha import AsynchronousSuccessiveHalving

        np.random.seed(seed)
        self._scheduler: Any = AsynchronousSuccessiveHalving(
            {"number": randint(0, trials - 1)},
            metric="loss",
            time_attr="step",
            max_t=steps,
            grace_period=settings.grace,
            reduction_factor=settings.reduction,
            brackets=settings.brackets,
            random_seed=seed,
        )
        self._trials = [Trial(n, {"number": n}, datetime(2026, 1, 1)) for n in range(trials)]
        for each in self._trials:
            self._scheduler.on_trial_add(each)

    def report(self, trial: int, step: int, loss: float) -> Sequence[Decision]:
        """What ``on_trial_result`` says."""
        said = self._scheduler.on_trial_result(
            self._trials[trial], {"step": step, "loss": min(loss, DIVERGED)}
        )
        return [_go(trial) if said == "CONTINUE" else _stop(trial)]


def has_syne_tune() -> bool:
    """Whether that baseline can be measured here."""
    return importlib.util.find_spec("syne_tune") is not None


def _go(trial: int) -> Decision:
    return Decision(f"{trial}", Action.CONTINUE)


def _stop(trial: int) -> Decision:
    return Decision(f"{trial}", Action.STOP)
