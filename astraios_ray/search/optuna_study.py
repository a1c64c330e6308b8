"""Optuna's study of a search: a file for other programs, and what sampler ``tpe`` draws from.

Only this file and importances.py import optuna.
"""

import json
import logging
import warnings
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import BaseJournalBackend

from astraios_ray.records import TrialResult, TrialState, Value
from astraios_ray.search.importances import distribution_of
from astraios_ray.space.domains import Choice, Constant, Domain, Real, Whole
from astraios_ray.space.space import Space

logging.getLogger("optuna").setLevel(logging.WARNING)
METHOD = "method"
NEWEST = 500  # trials from which TPE draws: what it takes grows with them
ENDINGS = {
    TrialState.COMPLETE: optuna.trial.TrialState.COMPLETE,
    TrialState.STOPPED: optuna.trial.TrialState.PRUNED,
    TrialState.DIVERGED: optuna.trial.TrialState.FAIL,
    TrialState.FAILED: optuna.trial.TrialState.FAIL,
}


class OptunaStudy:
    """Trials with the values of their free parameters, and how they ended."""

    def __init__(self, name: str, space: Space, log: Path) -> None:
        """``log`` is Optuna's file; one of an earlier session is replaced."""
        for earlier in (log, log.with_name(f"{log.name}.lock")):  # a killed session leaves its lock
            earlier.unlink(missing_ok=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            storage = JournalStorage(_LogFile(log))
        self._study = optuna.create_study(
            study_name=name, storage=storage, direction="minimize", sampler=optuna.samplers.RandomSampler(0)
        )
        self._space, self.count = space, 0
        self._running: dict[str, optuna.Trial] = {}
        self._distributions = {method: _distributions(space, method) for method in space}

    def enter(self, trial: str, method: str, values: Mapping[str, Value]) -> None:
        """Enter a trial, as running."""
        names = [name for name, domain in self._space[method].items() if not isinstance(domain, Constant)]
        params = {METHOD: method} | {f"{method}.{name}": values[name] for name in names}
        try:
            self._study.add_trial(
                optuna.create_trial(
                    state=optuna.trial.TrialState.RUNNING,
                    params=params,
                    distributions=self._distributions[method],
                    user_attrs={"trial_id": trial},
                )
            )
        except ValueError:  # an enqueued number may lie outside its range
            self._enter_outside(trial, params)
            return
        # in a storage with one study, the id of a trial is its number
        self._remember(trial, optuna.trial.Trial(self._study, self.count))

    def tell(self, result: TrialResult) -> None:
        """Take in how a trial ended: stopped is PRUNED with its losses; diverged and failed are FAIL."""
        optuna_trial = self._running.pop(result.spec.id)
        for point in result.points:
            optuna_trial.report(point.loss, point.step)
        state = ENDINGS[result.state]
        value = result.points[-1].loss if state == optuna.trial.TrialState.COMPLETE else None
        self._study.tell(optuna_trial, value, state=state)

    def draw(self, trials: Iterable[str], seed: int) -> list[tuple[str, dict[str, Value]]]:
        """A method and values by TPE for each of ``trials``, which are entered."""
        from_all = self.count <= NEWEST
        study = self._study if from_all else self._newest()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            study.sampler = optuna.samplers.TPESampler(
                seed=seed % 2**32,
                n_startup_trials=0 if self.count else 1,
                multivariate=True,
                group=True,
                constant_liar=True,
            )
        pairs = []
        for trial in trials:
            optuna_trial = study.ask()
            pairs.append(self._suggest(optuna_trial))
            if from_all:
                optuna_trial.set_user_attr("trial_id", trial)
                self._remember(trial, optuna_trial)
            else:
                self.enter(trial, *pairs[-1])
        return pairs

    def _newest(self) -> optuna.Study:
        """A study in memory with the newest trials, without those outside the ranges."""
        study = optuna.create_study(direction="minimize")
        for trial in self._study.get_trials(deepcopy=False)[-NEWEST:]:
            with suppress(ValueError):  # its enqueued number lies outside the range
                study.add_trial(trial)
        return study

    def _enter_outside(self, trial: str, params: Mapping[str, Value]) -> None:
        self._study.enqueue_trial(dict(params), user_attrs={"trial_id": trial})
        optuna_trial = self._study.ask()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            self._suggest(optuna_trial)
        self._remember(trial, optuna_trial)

    def _remember(self, trial: str, optuna_trial: optuna.Trial) -> None:
        self._running[trial] = optuna_trial
        self.count += 1

    def _suggest(self, optuna_trial: optuna.Trial) -> tuple[str, dict[str, Value]]:
        method = optuna_trial.suggest_categorical(METHOD, list(self._space))
        domains = self._space[method].items()
        return method, {name: _draw(optuna_trial, f"{method}.{name}", domain) for name, domain in domains}


class _LogFile(BaseJournalBackend):
    """Optuna's file of one process that reads what it wrote. It is made anew at every start: no fsync."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unread: list[dict[str, Any]] = []
        path.touch()

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        lines = (json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        with self._path.open("a") as file:
            file.write("".join(lines))
        self._unread += logs

    def read_logs(self, log_number_from: int) -> list[dict[str, Any]]:
        """The logs that were appended since the last call: the storage reads each of them once."""
        logs, self._unread = self._unread, []
        return logs


def _distributions(space: Space, method: str) -> dict[str, BaseDistribution]:
    distributions: dict[str, BaseDistribution] = {
        METHOD: optuna.distributions.CategoricalDistribution(list(space))
    }
    for name, domain in space[method].items():
        if distribution := distribution_of(domain):
            distributions[f"{method}.{name}"] = distribution
    return distributions


def _draw(optuna_trial: optuna.Trial, name: str, domain: Domain) -> Value:
    match domain:
        case Constant(value):
            return value
        case Choice(options):
            option: Value = optuna_trial.suggest_categorical(name, list(options))
            return option
        case Whole():
            return optuna_trial.suggest_int(name, domain.low, domain.high, log=domain.log, step=domain.step)
        case Real():
            return optuna_trial.suggest_float(name, domain.low, domain.high, log=domain.log, step=domain.step)
