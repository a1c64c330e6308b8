"""Suggests configurations, bracket by bracket; Optuna keeps them, and draws those of sampler ``tpe``.

A bracket depends on the study, its number and the results of earlier brackets alone, not on timing, lanes or
interruptions. So a study has the same trials on every backend and after any restart. Only this file and
importances.py import optuna.
"""

import logging
import math
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from scipy.stats import qmc

from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError
from astraios_ray.methods.method import traits_of
from astraios_ray.records import TrialResult, TrialSpec, TrialState, Value
from astraios_ray.search.brackets import bracket_size, startup_per_method
from astraios_ray.search.loss_surface import draw
from astraios_ray.search.optuna_lock import RunFolderHeld
from astraios_ray.space.domains import Choice, Constant, Domain, Real, Whole, at, described
from astraios_ray.space.make_specs import make_spec
from astraios_ray.space.space import Space, grid

logging.getLogger("optuna").setLevel(logging.WARNING)
METHOD = "method"
ENDINGS = {
    TrialState.COMPLETE: optuna.trial.TrialState.COMPLETE,
    TrialState.STOPPED: optuna.trial.TrialState.PRUNED,
    TrialState.DIVERGED: optuna.trial.TrialState.FAIL,
    TrialState.FAILED: optuna.trial.TrialState.FAIL,
}


@dataclass(frozen=True)
class Suggestion:
    """One configuration to try: a method and a value for each of its parameters, constants too."""

    method: str
    values: Mapping[str, Value]


@dataclass(frozen=True)
class TrialNumbers:
    """The numbers of one search's trials in its study: every ``step``-th, from ``first``, not ``taken``."""

    first: int = 0
    step: int = 1
    taken: tuple[int, ...] = ()  # by repeats, ascending: a study may have been extended behind them

    def of(self, place: int) -> int:
        """The number of the trial at ``place`` of the search, counted from 0."""
        number = self.first + self.step * place
        for other in self.taken:
            if other <= number and (other - self.first) % self.step == 0:
                number += self.step
        return number


ALL = TrialNumbers()


def open_searchers(
    study: StudyConfig, space: Space, folder: Path, results: Sequence[TrialResult] = ()
) -> dict[str, "Searcher"]:
    """A searcher for each training set of a study, behind earlier ``results``; ``folder``: for Optuna."""
    searches = study.searches()
    taken = tuple(sorted(r.spec.number for r in results if r.spec.repeat_of is not None))
    return {
        search.training_set: Searcher(
            search,
            space,
            folder / ("optuna.log" if not place else f"optuna-{place}.log"),
            TrialNumbers(place, len(searches), taken),
        )
        for place, search in enumerate(searches)
    }


class Searcher:
    """Suggests configurations of a space. Every start rebuilds it and Optuna's file from the journal."""

    def __init__(self, study: StudyConfig, space: Space, log: Path, numbers: TrialNumbers = ALL) -> None:
        """``log`` is Optuna's file; one of an earlier session is replaced. Raises ConfigError."""
        self._numbers = numbers
        self._config, self._space = study, space
        self._check_enqueued()
        log.unlink(missing_ok=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            storage = JournalStorage(JournalFileBackend(str(log), cast(Any, RunFolderHeld())))
        self._study = optuna.create_study(study_name=study.name, storage=storage, direction="minimize")
        self._optuna_trials: dict[str, optuna.Trial] = {}
        self._methods: dict[str, str] = {}  # by trial
        self._results: dict[str, TrialResult] = {}  # of trials that have ended
        self._exhausted = False  # whether a bracket came back empty

    def next_bracket(self, number: int, rungs: Sequence[int]) -> list[TrialSpec]:
        """The trials of bracket ``number``; none once the budget of trials or a grid is exhausted."""
        count = len(self._optuna_trials)
        trials_left = self._config.budget.trials - count
        if trials_left <= 0 or self._exhausted:
            return []
        size = bracket_size(self._config, len(self._space), rungs, first=not number)
        suggestions = self.bracket(number, min(trials_left, size))
        self._exhausted = not suggestions
        return [
            make_spec(
                self._config, self._numbers.of(place), s.method, s.values, self._config.search.seed, traits_of
            )
            for place, s in enumerate(suggestions, start=count)
        ]

    def bracket(self, number: int, size: int) -> list[Suggestion]:
        """The ``size`` configurations of bracket ``number``, the enqueued ones first in bracket 0.

        The first ``startup_per_method`` of every method are a Latin hypercube over its ranges, so that every
        method is tried. Then ``per_method`` draws values for each method in turn, and TPE samples method and
        values together. An exhausted grid gives fewer than ``size``.
        """
        count, first = len(self._optuna_trials), self._enqueued()
        gridded = self._config.search.sampler == "grid"
        points = [Suggestion(*pair) for pair in grid(self._space)] if gridded else self._startup()
        first += [point for point in points if point not in first]  # unless it is enqueued too
        suggestions = first[count : count + size]
        for suggestion in suggestions:
            self._enter(suggestion, self._next_id())
        if self._config.search.sampler == "per_method":
            suggestions += self._for_each_method(number, size - len(suggestions))
        if self._config.search.sampler == "tpe":
            suggestions += self._sampled(number, size - len(suggestions))
        return suggestions

    def resume(self, results: Sequence[TrialResult]) -> None:
        """Enter the trials of earlier sessions into Optuna's study, and tell it how they ended."""
        for result in results:
            spec = result.spec
            drawn = Suggestion(spec.method, {**vars(spec.recipe), **spec.hyperparameters})
            self._enter(drawn, spec.id)
        for result in results:
            if result.state.ended:
                self.tell(result)

    def _enter(self, suggestion: Suggestion, trial: str) -> None:
        """Enter a trial into Optuna's study, as running, with the values of a suggestion."""
        self._methods[trial] = suggestion.method
        fixed = {METHOD: suggestion.method} | {
            f"{suggestion.method}.{name}": suggestion.values[name]
            for name in self._free_parameters(suggestion.method)
        }
        self._study.enqueue_trial(fixed)
        with warnings.catch_warnings():  # an enqueued number may lie outside its range
            warnings.simplefilter("ignore", UserWarning)
            self._ask(trial)

    def tell(self, result: TrialResult) -> None:
        """Tell Optuna how a trial ended: stopped is PRUNED with its losses; diverged and failed are FAIL."""
        self._results[result.spec.id] = result
        optuna_trial = self._optuna_trials[result.spec.id]
        for point in result.points:
            optuna_trial.report(point.loss, point.step)
        state = ENDINGS[result.state]
        value = result.points[-1].loss if state == optuna.trial.TrialState.COMPLETE else None
        self._study.tell(optuna_trial, value, state=state)

    def _check_enqueued(self) -> None:
        """Refuse unknown options. Optuna accepts a number outside its range, but no unknown option."""
        for index, entry in enumerate(self._config.enqueue):
            for name, value in entry.items():
                domain = self._space.get(str(entry[METHOD]), {}).get(name)
                if isinstance(domain, Choice) and value not in domain.options:
                    raise ConfigError(
                        f"enqueue[{index}].{name}: found {value!r}, the search space of {entry[METHOD]} has "
                        f"{described(domain)}. Write one of these, or add {value!r} to the space."
                    )

    def _enqueued(self) -> list[Suggestion]:
        return [
            Suggestion(str(entry[METHOD]), self._with_constants(str(entry[METHOD]), entry))
            for entry in self._config.enqueue
        ]

    def _with_constants(self, method: str, entry: Mapping[str, Any]) -> dict[str, Value]:
        """The values of an enqueued entry, with the middle of each range that it does not name."""
        middle = {name: at(domain, 0.5) for name, domain in self._space[method].items()}
        return middle | {name: value for name, value in entry.items() if name != METHOD}

    def _startup(self) -> list[Suggestion]:
        per_method = startup_per_method(self._config)
        if self._config.search.sampler == "random":
            per_method = -(-self._config.budget.trials // len(self._space))
        cubes = {method: self._cube(number, method, per_method) for number, method in enumerate(self._space)}
        return [cubes[method][turn] for turn in range(per_method) for method in self._space]

    def _cube(self, number: int, method: str, size: int) -> list[Suggestion]:
        names = list(self._free_parameters(method))
        rng = [self._config.search.seed, number]
        draws = qmc.LatinHypercube(max(1, len(names)), rng=rng).random(size)
        constants = {name: at(domain, 0.5) for name, domain in self._space[method].items()}
        return [
            Suggestion(
                method,
                constants | {n: at(self._space[method][n], u) for n, u in zip(names, row, strict=False)},
            )
            for row in draws.tolist()
        ]

    def _for_each_method(self, bracket: int, size: int) -> list[Suggestion]:
        """The next trials: of the method with the fewest, and where several have as few, of the leading one.

        So all methods have equally many, and those that lead get what cannot be divided.
        """
        counts, leading_first = Counter(self._methods.values()), self._leading_first()
        turns: list[str] = []
        for _ in range(size):
            turns.append(min(leading_first, key=counts.__getitem__))
            counts[turns[-1]] += 1
        results, seed = sorted(self._results.values(), key=_number), self._config.search.seed
        draws = {
            method: iter(draw(self._space, results, method, turns.count(method), [seed, place, bracket]))
            for place, method in enumerate(self._space)
            if method in turns
        }
        suggestions = [Suggestion(method, next(draws[method])) for method in turns]
        for suggestion in suggestions:
            self._enter(suggestion, self._next_id())
        return suggestions

    def _leading_first(self) -> list[str]:
        """The methods by their best trial: one that went further is better, then the one with less loss."""
        rankable = [result for result in self._results.values() if result.rankable]
        best = {
            method: min((_progress(r) for r in rankable if r.spec.method == method), default=(1, 0.0))
            for method in self._space
        }
        return sorted(self._space, key=best.__getitem__)

    def _sampled(self, bracket: int, size: int) -> list[Suggestion]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            self._study.sampler = optuna.samplers.TPESampler(
                seed=self._config.search.seed * 100_003 + bracket,
                n_startup_trials=0 if self._optuna_trials else 1,
                multivariate=True,
                group=True,
                constant_liar=True,
            )
        return [self._ask(self._next_id()) for _ in range(size)]

    def _next_id(self) -> str:
        return f"t{self._numbers.of(len(self._optuna_trials)):04d}"

    def _ask(self, trial: str) -> Suggestion:
        optuna_trial = self._study.ask()
        optuna_trial.set_user_attr("trial_id", trial)
        self._optuna_trials[trial] = optuna_trial
        return self._suggest(optuna_trial)

    def _suggest(self, optuna_trial: optuna.Trial) -> Suggestion:
        method = optuna_trial.suggest_categorical(METHOD, list(self._space))
        values = {
            name: _draw(optuna_trial, f"{method}.{name}", domain)
            for name, domain in self._space[method].items()
        }
        return Suggestion(method, values)

    def _free_parameters(self, method: str) -> Sequence[str]:
        return [name for name, domain in self._space[method].items() if not isinstance(domain, Constant)]


def _number(result: TrialResult) -> int:
    return result.spec.number


def _progress(result: TrialResult) -> tuple[int, float]:
    """Lower is better: a trial that went further, then one with less loss."""
    return (-result.last.step, result.last.loss) if result.last else (0, math.inf)


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
