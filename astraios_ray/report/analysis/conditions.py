"""Under which conditions each method of a study competes: as planned, or as its trials recorded them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import log10
from typing import Any

from astraios_ray.records import Recipe, TrialResult, Value
from astraios_ray.report.analysis.leaderboard import Leaderboard, is_size, section
from astraios_ray.report.analysis.settings import RATE, domains, edges
from astraios_ray.space.domains import Constant, Domain, Real, Whole, described, option_count, options

RECIPE = tuple(  # what decides the training beside the method; the other fields cost time or memory only
    field.name
    for field in fields(Recipe)
    if field.name not in (RATE, "micro_batch_size", "activation_checkpointing")
)
Span = tuple[float, float]


@dataclass(frozen=True)
class MethodConditions:
    """What one method has beside itself. None, or empty, stands for what is not known."""

    method: str
    weights: str = ""  # dtype of the trained numbers that the optimiser updates
    moments: str = ""  # dtype of the optimiser's moments
    base: str = ""  # dtype and quantization of the model that it is put on
    parameters: tuple[int, int] | None = None  # fewest and most that it trains
    base_parameters: int | None = None
    targets: tuple[str, ...] = ()  # kinds of layers that it changes
    out_of_reach: tuple[str, ...] = ()  # large weights of the blocks that it cannot change
    template: str = ""  # that writes its texts, and its prompts
    text_front: tuple[str, ...] | None = None  # special tokens before a training text (BOS)
    prompt_front: tuple[str, ...] | None = None  # special tokens before a prompt
    learning_rates: Span | None = None  # ends of its range; equal where it is fixed
    best_rate: float | None = None  # of its best trial
    at_edge: bool = False  # the best rate lies at an end of the range
    size_values: int | None = None  # of the hyperparameters that set its size; None: it has none, or endless
    trials: int = 0  # planned at least; in a report: started
    scored: int | None = None  # None in a plan
    full_length: int | None = None  # trials that reached the last step; None in a plan
    steps: tuple[int, int] | None = None  # of all its trials together, and of the longest
    enqueued: int = 0  # points that the study gives it
    recipe: Mapping[str, str] | None = None  # field -> value, or values that are searched

    @property
    def share(self) -> Span | None:
        """The fewest and most trained parameters as shares of the base's."""
        if self.parameters is None or not self.base_parameters:
            return None
        return self.parameters[0] / self.base_parameters, self.parameters[1] / self.base_parameters

    @property
    def decades(self) -> float | None:
        """How many powers of ten the range of its learning rates spans."""
        return log10(self.learning_rates[1] / self.learning_rates[0]) if self.learning_rates else None


def board_conditions(board: Leaderboard) -> tuple[MethodConditions, ...]:
    """The conditions of every method with a trial, from the trials' records."""
    by_method = domains(board)
    at_edge = {edge.method for edge in edges(board)}
    return tuple(
        _of_trials(board, method, rows, by_method[method], at_edge)
        for method in board.methods
        if (rows := [row.result for row in board.rows if row.method == method])
    )


def recipe_words(ranges: Mapping[str, Domain], values: Mapping[str, Sequence[Any]]) -> dict[str, str]:
    """Each field of the recipe in words: its domain where the study's blocks name it, else its ``values``."""
    used = {
        name: " and ".join(described(Constant(value)) for value in dict.fromkeys(values[name]))
        for name in RECIPE
    }
    return used | {name: described(domain) for name, domain in ranges.items() if name in RECIPE}


def size_values(size_domains: Iterable[Domain | None]) -> int | None:
    """How many sizes a method has, from the domains of its sizes; None: a default that no block names."""
    count: int | None = None
    for domain in size_domains:
        sizes = 1 if domain is None else option_count(domain)
        count = (count or 1) * (sizes if sizes is not None else int(1e9))
    return count


def rates_of(domain: Domain | None) -> Span | None:
    """The ends of a domain of learning rates."""
    if isinstance(domain, Real | Whole):
        return float(domain.low), float(domain.high)
    values = options(domain) if domain else ()
    numbers = [float(value) for value in values or () if isinstance(value, int | float)]
    return (min(numbers), max(numbers)) if numbers else None


def enqueued_points(enqueue: object, method: str) -> int:
    """How many points of the study's ``enqueue`` are of the method."""
    points = enqueue if isinstance(enqueue, list | tuple) else ()
    return sum(isinstance(point, Mapping) and point.get("method") == method for point in points)


def base_words(dtype: str, quantization: str) -> str:
    """``fp32``, or ``fp32, int8``."""
    return dtype if quantization == "none" else f"{dtype}, {quantization}"


def _of_trials(
    board: Leaderboard,
    method: str,
    results: Sequence[TrialResult],
    ranges: Mapping[str, Domain],
    at_edge: Iterable[str],
) -> MethodConditions:
    names_ranges = isinstance(section(board.record.config, "methods").get(method), Mapping)
    setups = [result.setup for result in results if result.setup]
    setup = setups[-1] if setups else None
    best = board.best_per_method[method]
    counts = [result.cost.trainable_parameters for result in results if result.cost.trainable_parameters]
    steps = [result.last.step for result in results if result.last]
    lengths = [row.full_length for row in board.rows if row.method == method]
    return MethodConditions(
        method=method,
        weights=setup.weights if setup else "",
        moments=next((one.moments for one in reversed(setups) if one.moments), ""),
        base=_several(base_words(r.spec.model.dtype, r.spec.model.quantization) for r in results),
        parameters=(min(counts), max(counts)) if counts else None,
        base_parameters=next((r.cost.base_parameters for r in results if r.cost.base_parameters), None),
        targets=tuple(dict.fromkeys(target for one in setups for target in one.targets)),
        out_of_reach=setup.out_of_reach if setup else (),
        template=_several(result.spec.data.template for result in results),
        text_front=setup.front if setup else None,
        prompt_front=board.record.prompt_front,
        learning_rates=rates_of(ranges.get(RATE, _single_rate(results))) if names_ranges else None,
        best_rate=best.result.spec.recipe.learning_rate if best and best.rank is not None else None,
        at_edge=method in at_edge,
        size_values=size_values(ranges.get(name) for name in _sizes(results)) if names_ranges else None,
        trials=len(results),
        scored=sum(row.score is not None for row in board.rows if row.method == method),
        full_length=sum(lengths),
        steps=(sum(steps), max(steps)) if steps else None,
        enqueued=enqueued_points(board.record.config.get("enqueue"), method),
        recipe=recipe_words(
            ranges, {name: [getattr(r.spec.recipe, name) for r in results] for name in RECIPE}
        ),
    )


def _sizes(results: Sequence[TrialResult]) -> list[str]:
    """The hyperparameters that set the method's size, with those that have their defaults where recorded."""
    names: dict[str, Value] = {}
    for result in results:
        names |= {**result.spec.hyperparameters, **(result.setup.hyperparameters if result.setup else {})}
    return [name for name in names if is_size(name)]


def _single_rate(results: Sequence[TrialResult]) -> Domain | None:
    """The rate of a method whose block has none: that of ``training``."""
    rates = {result.spec.recipe.learning_rate for result in results}
    return Constant(rates.pop()) if len(rates) == 1 else None


def _several(words: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(words))
