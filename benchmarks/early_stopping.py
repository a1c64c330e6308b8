"""Early-stopping schedulers of other libraries and our own, one report at a time, behind one interface.

Each wraps the library's real object. A scheduler gets every validation of a trial that trains. It returns
decisions on that trial and, where it pauses trials, on others.
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

DIVERGED = 1e9  # the loss that other libraries get for a diverged trial, as they have no such state


@dataclass(frozen=True)
class Settings:
    """The settings of a scheduler that a user chooses."""

    grace: int  # steps
    reduction: int
    brackets: int = 1


class Scheduler(Protocol):
    """One scheduler in one search."""

    def report(self, trial: int, step: int, loss: float) -> Sequence[Decision]:
        """Take a validation loss; the first decision is on ``trial`` itself."""
        ...

    def diverged(self, trial: int) -> Sequence[Decision]:
        """Take the news that ``trial`` diverged."""
        ...


Make = Callable[[Settings, Sequence[str], int, int], Scheduler]
"""Of settings, the method of each trial, steps of a trial in full, and a seed."""


class Ours:
    """Successive halving with pausing as a study runs it: a bracket for each method, and audited losers."""

    audit = EarlyStopConfig().audit_fraction

    def __init__(self, settings: Settings, methods: Sequence[str], steps: int, seed: int) -> None:
        config = EarlyStopConfig(
            grace=settings.grace, reduction=settings.reduction, audit_fraction=self.audit
        )
        self._rule = Halving(config, steps, settings.grace, seed, within_methods=True)
        for trial, method in enumerate(methods):
            self._rule.enter(f"{trial}", method, 0)

    def report(self, trial: int, step: int, loss: float) -> Sequence[Decision]:
        """Decide at rungs alone; continue at other steps."""
        return self._rule.report(f"{trial}", step, loss) if step in self._rule.rungs else [_go(trial)]

    def diverged(self, trial: int) -> Sequence[Decision]:
        """Remove the trial from its rung, so that no other trial waits for it."""
        return self._rule.gone(f"{trial}")


class _Stopping:
    """A scheduler that continues or stops a trial at once, and gets a large loss for a diverged trial."""

    def diverged(self, trial: int) -> Sequence[Decision]:
        """No decisions: no other trial waits for this one."""
        return []


class RayAsha(_Stopping):
    """``ray.tune.schedulers.AsyncHyperBandScheduler``, the stopping variant of ASHA."""

    def __init__(self, settings: Settings, methods: Sequence[str], steps: int, seed: int) -> None:
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
        self._trials = [SimpleNamespace(trial_id=f"{trial}") for trial in range(len(methods))]
        for each in self._trials:
            self._scheduler.on_trial_add(None, each)

    def report(self, trial: int, step: int, loss: float) -> Sequence[Decision]:
        """The decision of ``on_trial_result``."""
        decision = self._scheduler.on_trial_result(
            None, self._trials[trial], {"step": step, "loss": min(loss, DIVERGED)}
        )
        return [_go(trial) if decision == "CONTINUE" else _stop(trial)]


class OptunaHyperband(_Stopping):
    """``optuna.pruners.HyperbandPruner``, asked through ``study.ask`` and ``trial.should_prune``."""

    def __init__(self, settings: Settings, methods: Sequence[str], steps: int, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        pruner = optuna.pruners.HyperbandPruner(
            min_resource=settings.grace, max_resource=steps, reduction_factor=settings.reduction
        )  # the number of brackets follows from these
        study = optuna.create_study(study_name=f"{seed}", pruner=pruner)  # the name decides the brackets
        self._trials = [study.ask() for _ in methods]

    def report(self, trial: int, step: int, loss: float) -> Sequence[Decision]:
        """The decision of ``should_prune``."""
        optuna_trial = self._trials[trial]
        optuna_trial.report(min(loss, DIVERGED), step)
        return [_stop(trial) if optuna_trial.should_prune() else _go(trial)]


class SyneTuneAsha(_Stopping):
    """``syne_tune``'s AsynchronousSuccessiveHalving, an optional baseline."""

    def __init__(self, settings: Settings, methods: Sequence[str], steps: int, seed: int) -> None:
        from syne_tune.backend.trial_status import Trial
        from syne_tune.config_space import randint
        from syne_tune.optimizer.schedulers.asha import AsynchronousSuccessiveHalving

        np.random.seed(seed)
        self._scheduler: Any = AsynchronousSuccessiveHalving(
            {"number": randint(0, len(methods) - 1)},
            metric="loss",
            time_attr="step",
            max_t=steps,
            grace_period=settings.grace,
            reduction_factor=settings.reduction,
            brackets=settings.brackets,
            random_seed=seed,
        )
        self._trials = [Trial(n, {"number": n}, datetime(2026, 1, 1)) for n in range(len(methods))]
        for each in self._trials:
            self._scheduler.on_trial_add(each)

    def report(self, trial: int, step: int, loss: float) -> Sequence[Decision]:
        """The decision of ``on_trial_result``."""
        decision = self._scheduler.on_trial_result(
            self._trials[trial], {"step": step, "loss": min(loss, DIVERGED)}
        )
        return [_go(trial) if decision == "CONTINUE" else _stop(trial)]


def has_syne_tune() -> bool:
    """Whether the baseline of syne-tune can be measured here."""
    return importlib.util.find_spec("syne_tune") is not None


def _go(trial: int) -> Decision:
    return Decision(f"{trial}", Action.CONTINUE)


def _stop(trial: int) -> Decision:
    return Decision(f"{trial}", Action.STOP)
