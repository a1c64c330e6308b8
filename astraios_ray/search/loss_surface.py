"""Draws the next trials of a method from a model of how losses depend on hyperparameters.

The model is a Bayesian linear regression on the losses of all methods. A value counts by its position in its
range, from 0 to 1, so where the learning rate of one method is good tells something about that of another.
The learning rate has a parabola, each other parameter a line, and each option without an order a level of
its own. Methods share the terms of parameters of the same name; a method's own trials weigh most. The next
trial is the best one by a draw of the model (Thompson sampling), so what is uncertain is tried.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from astraios_ray.records import TrialResult, TrialState, Value
from astraios_ray.space.domains import Constant, Domain, at, position
from astraios_ray.space.space import Space

RATE = "learning_rate"
OWN_WEIGHT = 10.0  # of a trial of the method itself; one of another method weighs 1
VARIANCES = {"constant": 1.0, "rate": 10.0, "parabola": 10.0, "line": 1.0, "level": 1.0}  # prior, of terms
LIMIT = 2.0  # standard deviations from the mean of its method that a loss counts at most
CANDIDATES = 512  # among which the best by a draw is taken

Term = tuple[str, str, Value]  # its kind, the parameter, the option of a level
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Observation:
    """One trial: its method, the terms of its values, and its loss among those of its method."""

    method: str
    terms: Mapping[Term, float]
    loss: float  # standardised


class LossSurface:
    """The model behind ``results`` of all methods of a space."""

    def __init__(self, space: Space, results: Sequence[TrialResult]) -> None:
        self._space = space
        self._observations = [each for name in space for each in _observations(name, space[name], results)]

    def draw(self, method: str, count: int, seed: Sequence[int]) -> list[dict[str, Value]]:
        """``count`` configurations of ``method``; the same ``seed`` gives the same ones."""
        rng, domains = np.random.default_rng(seed), self._space[method]
        shares = rng.random((CANDIDATES, len(domains))).tolist()
        candidates = [
            {name: at(domains[name], u) for name, u in zip(domains, row, strict=True)} for row in shares
        ]
        terms_of_candidates = [_terms(domains, values) for values in candidates]
        terms = sorted({term for row in terms_of_candidates for term in row}, key=repr)
        mean, root = _posterior(terms, self._observations, method)
        table = _table(terms, terms_of_candidates)
        coefficients = [mean + root @ rng.standard_normal(len(terms)) for _ in range(count)]
        return [candidates[int(np.argmin(table @ each))] for each in coefficients]


def _observations(
    method: str, domains: Mapping[str, Domain], results: Sequence[TrialResult]
) -> list[_Observation]:
    """The trials of one method that say something about its hyperparameters; none where there is but one."""
    trials = [result for result in results if result.spec.method == method]
    ended = [r for r in trials if r.points and r.state in (TrialState.COMPLETE, TrialState.STOPPED)]
    diverged = [r for r in trials if r.state is TrialState.DIVERGED]
    if len(ended) + len(diverged) < 2:
        return []
    losses = [*_standardised(_carried_to_the_end(ended)), *[LIMIT] * len(diverged)]
    return [
        _Observation(method, _terms(domains, {**vars(r.spec.recipe), **r.spec.hyperparameters}), loss)
        for r, loss in zip([*ended, *diverged], losses, strict=True)
    ]


def _carried_to_the_end(results: Sequence[TrialResult]) -> list[float]:
    """The logarithm of each trial's last loss, lowered by what the furthest trial still gained from there."""
    if not results:
        return []
    curves = [{point.step: _log(point.loss) for point in result.points} for result in results]
    furthest = min(curves, key=lambda curve: (-max(curve), curve[max(curve)]))
    end = furthest[max(furthest)]
    return [
        curve[max(curve)] + end - furthest[max(step for step in furthest if step <= max(curve))]
        for curve in curves
    ]


def _standardised(losses: Sequence[float]) -> list[float]:
    if not losses:
        return []
    mean, deviation = float(np.mean(losses)), float(np.std(losses))
    scaled = [(loss - mean) / (deviation or 1.0) for loss in losses]
    return [min(max(value, -LIMIT), LIMIT) for value in scaled]


def _terms(domains: Mapping[str, Domain], values: Mapping[str, Value]) -> dict[Term, float]:
    terms: dict[Term, float] = {("constant", "", None): 1.0}
    for name, domain in domains.items():
        place = position(domain, values[name])
        if isinstance(domain, Constant):
            continue
        if place is None:
            terms["level", name, values[name]] = 1.0
        elif name == RATE:
            terms |= {("rate", name, None): place - 0.5, ("parabola", name, None): (place - 0.5) ** 2}
        else:
            terms["line", name, None] = place - 0.5
    return terms


def _posterior(
    terms: Sequence[Term], observations: Sequence[_Observation], method: str
) -> tuple[Vector, Vector]:
    """The mean of the coefficients, and a root of their covariance. The noise of a trial has variance 1."""
    table = _table(terms, [each.terms for each in observations])
    weights = np.array([OWN_WEIGHT if each.method == method else 1.0 for each in observations])
    prior = np.diag([1 / VARIANCES[kind] for kind, _, _ in terms])
    precision = table.T @ (table * weights[:, None]) + prior
    covariance = np.linalg.inv(precision)
    mean = covariance @ (table.T @ (weights * np.array([each.loss for each in observations])))
    return mean, np.linalg.cholesky(covariance)


def _table(terms: Sequence[Term], rows: Sequence[Mapping[Term, float]]) -> Vector:
    return np.array([[row.get(term, 0.0) for term in terms] for row in rows]).reshape(len(rows), len(terms))


def _log(loss: float) -> float:
    return math.log(max(loss, 1e-12))
