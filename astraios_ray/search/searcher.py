"""Suggests configurations, bracket by bracket; Optuna keeps them, and draws those of sampler ``tpe``.

A bracket depends on the study, its number and the results of earlier brackets alone, not on timing, lanes or
interruptions. So a study has the same trials on every backend and after any restart. A model sees the newest
trials alone, so that a bracket costs no more the more trials there were.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from scipy.stats import qmc

from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError
from astraios_ray.methods.method import traits_of
from astraios_ray.records import TrialResult, TrialSpec, Value
from astraios_ray.search.brackets import bracket_size, startup_per_method
from astraios_ray.search.loss_surface import LossSurface
from astraios_ray.search.optuna_study import METHOD, OptunaStudy
from astraios_ray.space.domains import Choice, Constant, at, described
from astraios_ray.space.make_specs import make_spec
from astraios_ray.space.space import Space, grid

NEWEST = 300  # trials of each method from which the next ones of per_method are drawn
CUBE = 1000  # points of a Latin hypercube at most; more are several ones


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
        self._optuna = OptunaStudy(study.name, space, log)
        self._counts: Counter[str] = Counter()  # trials by method
        self._newest: dict[str, list[TrialResult]] = {method: [] for method in space}  # that have ended
        self._best: dict[str, tuple[int, float]] = {}  # by method, how its best trial did
        self._points, self._passed = self._points_without_model(), 0  # how many points are behind
        self._exhausted = False  # whether a bracket came back empty

    def next_bracket(self, number: int, rungs: Sequence[int]) -> list[TrialSpec]:
        """The trials of bracket ``number``; none once the budget of trials or a grid is exhausted."""
        count = self._optuna.count
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
        suggestions = self._next_points(size)
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
        self._counts[suggestion.method] += 1
        self._optuna.enter(trial, suggestion.method, suggestion.values)

    def tell(self, result: TrialResult) -> None:
        """Take in how a trial ended."""
        method = result.spec.method
        self._newest[method].append(result)
        if result.rankable:
            self._best[method] = min(_progress(result), self._best.get(method, WORST))
        self._optuna.tell(result)

    def _next_points(self, size: int) -> list[Suggestion]:
        """The next points without a model, behind those of all trials; fewer than ``size`` at their end."""
        start = max(0, self._optuna.count - self._passed)
        points = list(islice(self._points, start, start + size))
        self._passed += start + len(points)
        return points

    def _points_without_model(self) -> Iterator[Suggestion]:
        """The enqueued points, then those of the grid or of the start that are not enqueued too."""
        enqueued = self._enqueued()
        yield from enqueued
        gridded = self._config.search.sampler == "grid"
        points = (Suggestion(*pair) for pair in grid(self._space)) if gridded else self._startup()
        yield from (point for point in points if point not in enqueued)

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

    def _startup(self) -> Iterator[Suggestion]:
        per_method = startup_per_method(self._config)
        if self._config.search.sampler == "random":
            per_method = -(-self._config.budget.trials // len(self._space))
        for first in range(0, per_method, CUBE):
            cube_size = min(CUBE, per_method - first)
            cubes = [self._cube(place, method, first, cube_size) for place, method in enumerate(self._space)]
            yield from (cube[turn] for turn in range(cube_size) for cube in cubes)

    def _cube(self, place: int, method: str, first: int, size: int) -> list[Suggestion]:
        """The points of a method from its ``first`` one on, spread evenly over each of its ranges."""
        domains = self._space[method]
        names = [name for name, domain in domains.items() if not isinstance(domain, Constant)]
        rng = [self._config.search.seed, place, *([first] if first else [])]
        draws = qmc.LatinHypercube(max(1, len(names)), rng=rng).random(size)
        constants = {name: at(domain, 0.5) for name, domain in domains.items()}
        return [
            Suggestion(method, constants | {n: at(domains[n], u) for n, u in zip(names, row, strict=False)})
            for row in draws.tolist()
        ]

    def _for_each_method(self, bracket: int, size: int) -> list[Suggestion]:
        """The next trials: of the method with the fewest, and where several have as few, of the leading one.

        So all methods have equally many, and those that lead get what cannot be divided.
        """
        counts, leading_first = self._counts.copy(), self._leading_first()
        turns: list[str] = []
        for _ in range(size):
            turns.append(min(leading_first, key=counts.__getitem__))
            counts[turns[-1]] += 1
        surface, seed = self._surface(), self._config.search.seed
        draws = {
            method: iter(surface.draw(method, turns.count(method), [seed, place, bracket]))
            for place, method in enumerate(self._space)
            if method in turns
        }
        suggestions = [Suggestion(method, next(draws[method])) for method in turns]
        for suggestion in suggestions:
            self._enter(suggestion, self._next_id())
        return suggestions

    def _surface(self) -> LossSurface:
        for method, results in self._newest.items():
            self._newest[method] = sorted(results, key=_number)[-NEWEST:]
        results = sorted((result for each in self._newest.values() for result in each), key=_number)
        return LossSurface(self._space, results)

    def _leading_first(self) -> list[str]:
        """The methods by their best trial: one that went further is better, then the one with less loss."""
        return sorted(self._space, key=lambda method: self._best.get(method, WORST))

    def _sampled(self, bracket: int, size: int) -> list[Suggestion]:
        count, seed = self._optuna.count, self._config.search.seed * 100_003 + bracket
        names = [self._id_at(place) for place in range(count, count + size)]
        suggestions = [Suggestion(*pair) for pair in self._optuna.draw(names, seed)]
        self._counts.update(suggestion.method for suggestion in suggestions)
        return suggestions

    def _next_id(self) -> str:
        return self._id_at(self._optuna.count)

    def _id_at(self, place: int) -> str:
        return f"t{self._numbers.of(place):04d}"


WORST = (1, 0.0)  # of a method without a trial that can be ranked


def _number(result: TrialResult) -> int:
    return result.spec.number


def _progress(result: TrialResult) -> tuple[int, float]:
    """Lower is better: a trial that went further, then one with less loss."""
    return (-result.last.step, result.last.loss) if result.last else (0, math.inf)
