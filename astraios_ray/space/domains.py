"""What one hyperparameter may be: a constant, a choice, a range of reals or of whole numbers."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from astraios_ray.config.dialect import Range, Values
from astraios_ray.records import Value


@dataclass(frozen=True)
class Constant:
    """Always the same value."""

    value: Value


@dataclass(frozen=True)
class Choice:
    """One of a few options, in no order."""

    options: tuple[Value, ...]


@dataclass(frozen=True)
class Real:
    """A real number from ``low`` to ``high``, both included; ``log`` draws evenly over magnitudes."""

    low: float
    high: float
    log: bool = False
    step: float | None = None


@dataclass(frozen=True)
class Whole:
    """A whole number from ``low`` to ``high``, both included; ``log`` draws evenly over magnitudes."""

    low: int
    high: int
    log: bool = False
    step: int = 1


Domain: TypeAlias = Constant | Choice | Real | Whole


def domain_of(entry: Value | Values | Range) -> Domain:
    """The domain that an entry of a study file writes down."""
    if isinstance(entry, Values):
        return Choice(entry.values)
    if not isinstance(entry, Range):
        return Constant(entry)
    if entry.is_whole:
        return Whole(int(entry.min), int(entry.max), entry.log, int(entry.step or 1))
    step = None if entry.step is None else float(entry.step)
    return Real(float(entry.min), float(entry.max), entry.log, step)


def entry_of(domain: Domain) -> Value | Values | Range:
    """The entry of a study file for a domain: the inverse of ``domain_of``."""
    match domain:
        case Constant(value):
            return value
        case Choice(options):
            return Values(values=options)
        case Real(low, high, log, step):
            return Range(min=low, max=high, log=log, step=step)
        case Whole(low, high, log, whole_step):
            return Range(min=low, max=high, log=log, step=None if whole_step == 1 else whole_step)


def options(domain: Domain) -> Iterator[Value] | None:
    """Every value of the domain in order, or None if there are endlessly many."""
    number = option_count(domain)
    return None if number is None else (option(domain, place) for place in range(number))


def option_count(domain: Domain) -> int | None:
    """How many values the domain has, or None if endlessly many. Lists none of them."""
    match domain:
        case Constant():
            return 1
        case Choice(values):
            return len(values)
        case Whole(low, high, _, step):
            return (high - low) // step + 1
        case Real(low, high, _, float() as step):
            return round((high - low) / step) + 1
        case Real():
            return None


def option(domain: Domain, place: int) -> Value:
    """The value at ``place`` of a domain that has not endlessly many."""
    match domain:
        case Constant(value):
            return value
        case Choice(values):
            return values[place]
        case Whole(low, _, _, whole_step):
            return low + place * whole_step
        case Real(low, _, _, step):
            return low + place * (step or 0.0)


def corners(domain: Domain) -> tuple[Value, ...]:
    """The values that a check must try: all of a list, both ends of a range."""
    if isinstance(domain, Real | Whole):
        return (domain.low, domain.high)
    return (domain.value,) if isinstance(domain, Constant) else domain.options


def at(domain: Domain, share: float) -> Value:
    """The value at ``share`` (from 0 to 1) of the domain: 0 is its lowest or first, 1 its highest or last."""
    if isinstance(domain, Real) and domain.step is None:
        return _between(domain.low, domain.high, share, log=domain.log)
    if isinstance(domain, Whole) and domain.log:
        value = _between(domain.low - 0.5, domain.high + 0.5, share, log=True)
        return min(max(round(value), domain.low), domain.high)
    number = option_count(domain)
    assert number is not None  # every other domain is a list
    return option(domain, min(int(share * number), number - 1))


def position(domain: Domain, value: Value) -> float | None:
    """The share of the domain at which ``value`` lies, from 0 to 1; None for options without an order."""
    if isinstance(domain, Constant | Choice):
        return _rank(value, domain.options if isinstance(domain, Choice) else (domain.value,))
    low, high, number = float(domain.low), float(domain.high), float(value or 0)
    if domain.log:
        low, high, number = math.log(low), math.log(high), math.log(number)
    return min(max((number - low) / (high - low), 0.0), 1.0) if high > low else 0.5


def _rank(value: Value, ordinals: tuple[Value, ...]) -> float | None:
    numbers = [o for o in ordinals if isinstance(o, int | float) and not isinstance(o, bool)]
    if len(numbers) < len(ordinals):
        return None
    return sum(number < float(value or 0) for number in numbers) / (len(numbers) - 1) if numbers[1:] else 0.5


def _between(low: float, high: float, share: float, *, log: bool) -> float:
    value = low * (high / low) ** share if log else low + (high - low) * share
    return min(max(value, low), high)


def described(domain: Domain) -> str:
    """The domain in a few words: ``4, 8 or 16``, ``1e-05 to 0.01 (log)``."""
    if isinstance(domain, Constant):
        return _value_text(domain.value)
    if isinstance(domain, Choice):
        words = [_value_text(option) for option in domain.options]
        return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    step = f", step {domain.step}" if domain.step not in (None, 1) else ""
    return f"{_value_text(domain.low)} to {_value_text(domain.high)}{' (log)' if domain.log else ''}{step}"


def _value_text(value: Value) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)
