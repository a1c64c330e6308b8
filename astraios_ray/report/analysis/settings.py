"""A method's settings: which mattered, which best rate lies at an edge, which method was hardly tried."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from pydantic import TypeAdapter, ValidationError

from astraios_ray.config.dialect import Block
from astraios_ray.records import TrialSpec, Value
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, section
from astraios_ray.report.wording import finite
from astraios_ray.space.domains import Choice, Constant, Domain, Real, domain_of

BLOCK: TypeAdapter[Block] = TypeAdapter(Block)
ENOUGH = 12  # trials; below, importances are mostly luck (docs/report.md has what simulations gave)
FEW = 10  # trials of a method: as many as Optuna's TPE draws at random before it learns anything
EDGE = 0.1  # of a range, on its own scale
RATE = "learning_rate"


@dataclass(frozen=True)
class Importances:
    """How much each parameter of a method moved its loss; shares that sum to 1."""

    shares: Mapping[str, float]
    step: int  # at which the losses were measured
    count: int  # trials measured there


@dataclass(frozen=True)
class Edge:
    """A best learning rate near an end of its range, and the range to look in next."""

    method: str
    row: LeaderboardRow
    upper: bool
    range: tuple[float, float]
    next: tuple[float, float]


def domains(board: Leaderboard) -> dict[str, dict[str, Domain]]:
    """The domains of each method's parameters in the study. Empty where the study sets none."""
    defaults = _block(section(board.record.config, "defaults"))
    methods = section(board.record.config, "methods")
    by_method = {}
    for method in board.methods:
        parameters = {**defaults, **_block(methods.get(method))}
        first = next((row for row in board.rows if row.method == method), None)
        by_method[method] = {
            name: domain_of(entry)
            for name, entry in parameters.items()  # a default is for methods that have the parameter
            if first is not None and value_of(first.result.spec, name) is not None
        }
    return by_method


def importances_of(board: Leaderboard) -> dict[str, Importances]:
    """Of each method with two varying parameters, at the last step that 12 of its trials passed."""
    by_method = {}
    for method, parameters in domains(board).items():
        space = varying_domains(parameters)
        step, trials = trials_at_last_step([row for row in board.rows if row.method == method], space, ENOUGH)
        if len(space) < 2 or step is None:
            continue
        from astraios_ray.search.importances import importances  # Optuna takes a second to import

        by_method[method] = Importances(importances(trials, space), step, len(trials))
    return by_method


def edges(board: Leaderboard) -> tuple[Edge, ...]:
    """The methods whose best trial has a learning rate in the outer tenth of its range."""
    near_ends, by_method = [], domains(board)
    for method, row in board.best_per_method.items():
        domain = by_method.get(method, {}).get(RATE)
        if row is None or row.rank is None or not isinstance(domain, Real):
            continue
        rate = row.result.spec.recipe.learning_rate
        place = place_of(domain, rate)
        if place is not None and not EDGE <= place <= 1 - EDGE:
            ends = domain.low, domain.high
            near_ends.append(Edge(method, row, place > 0.5, ends, _around(domain, rate)))
    return tuple(near_ends)


def undersampled(board: Leaderboard) -> dict[str, int]:
    """Methods with fewer than 10 measured trials, and how many they had."""
    counts = {m: sum(row.method == m and row.rank is not None for row in board.rows) for m in board.methods}
    return {method: count for method, count in counts.items() if count < FEW}


def varying_domains(parameters: Mapping[str, Domain]) -> dict[str, Domain]:
    """The parameters that may differ between trials."""
    return {name: domain for name, domain in parameters.items() if not isinstance(domain, Constant)}


def trials_at_last_step(
    rows: Sequence[LeaderboardRow], parameters: Iterable[str], enough: int
) -> tuple[int | None, list[tuple[dict[str, Value], float]]]:
    """The last step that ``enough`` trials have a finite loss at, and their values and losses there."""
    by_step: dict[int, list[tuple[dict[str, Value], float]]] = {}
    names = tuple(parameters)
    for row in rows:
        values = {name: value_of(row.result.spec, name) for name in names}
        for point in row.result.points:
            if finite(point.loss) is not None:
                by_step.setdefault(point.step, []).append((values, point.loss))
    reached = [step for step, trials in by_step.items() if len(trials) >= enough]
    return (max(reached), by_step[max(reached)]) if reached else (None, [])


def place_of(domain: Domain, value: Value) -> float | None:
    """Where ``value`` lies: 0 at the low end or first option, 1 at the high one. None for any other value."""
    if isinstance(domain, Constant):
        return 0.5
    if isinstance(domain, Choice):
        last = len(domain.options) - 1
        return domain.options.index(value) / max(last, 1) if value in domain.options else None
    if not isinstance(value, int | float) or domain.low == domain.high:
        return None
    if domain.log:
        return log(value / domain.low) / log(domain.high / domain.low) if value > 0 else None
    return (value - domain.low) / (domain.high - domain.low)


def value_of(spec: TrialSpec, name: str) -> Value:
    """A parameter of a trial, whether of its method or its recipe; None for one it does not have."""
    value: Value = spec.hyperparameters.get(name, getattr(spec.recipe, name, None))
    return value


def _block(raw: object) -> Block:
    """A block of the resolved study file; empty where ``raw`` is none, as in another tool's results."""
    try:
        return BLOCK.validate_python(dict(raw)) if isinstance(raw, Mapping) else {}
    except ValidationError:
        return {}


def _around(domain: Real, value: float) -> tuple[float, float]:
    """A range as wide as ``domain`` with ``value`` in its middle, above zero."""
    if domain.log:
        half = log(sqrt(domain.high / domain.low))
        return value * exp(-half), value * exp(half)
    half = (domain.high - domain.low) / 2
    return max(value - half, value / 10), value + half
