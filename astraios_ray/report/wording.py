"""How numbers and names of a study are written for people."""

import math
from collections.abc import Sequence

from astraios_ray.records import Score, TrialResult, Value

NOTHING = "\u2013"  # a dash: stands where there is no number


def finite(value: float | None) -> float | None:
    """``value``, or None when it is NaN or infinite."""
    return value if value is not None and math.isfinite(value) else None


def loss(value: float | None) -> str:
    """Nats per token, four digits after the point."""
    return NOTHING if finite(value) is None else f"{value:.4f}"


def percent(value: float | None) -> str:
    """A fraction from 0 to 1 as ``62.1 %``."""
    return NOTHING if value is None or not math.isfinite(value) else f"{100 * value:.1f} %"


def with_interval(value: float | None, interval: tuple[float, float] | None) -> str:
    """``62.1 % (55.0-69.2)``: a fraction with its 95 % interval, in percent."""
    if finite(value) is None or interval is None:
        return percent(value)
    return f"{percent(value)} ({100 * interval[0]:.1f}\u2013{100 * interval[1]:.1f})"


def points(value: float | None, interval: tuple[float, float] | None = None) -> str:
    """``+12.3 (+4.0 to +20.1)``: a difference of two fractions in points, with its 95 % interval."""
    if value is None or finite(value) is None:
        return NOTHING
    span = f" ({100 * interval[0]:+.1f} to {100 * interval[1]:+.1f})" if interval else ""
    return f"{100 * value:+.1f}{span}"


def chance(value: float) -> str:
    """A p-value: ``0.034``, ``< 0.001``."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def denominator(score: Score) -> str:
    """What a score was counted over: ``60 problems x 20 samples``, ``40 problems (20 groups) x ...``."""
    seeds = f" \u00d7 {count(score.seeds)} seeds" if score.seeds > 1 else ""
    groups = f" ({plural(score.units, 'group')})" if score.units < score.problems else ""
    return f"{plural(score.problems, 'problem')}{groups} \u00d7 {plural(score.samples, 'sample')}{seeds}"


def count(value: int) -> str:
    """A whole number with thousands separated: ``1,234,567``."""
    return f"{value:,}"


def amount(value: float | None, digits: int = 1) -> str:
    """A measured quantity, thousands separated."""
    return NOTHING if finite(value) is None else f"{value:,.{digits}f}"


def rate(value: float | None) -> str:
    """A learning rate: ``3.16e-4``."""
    if value is None or not math.isfinite(value):
        return NOTHING
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def duration(seconds: float) -> str:
    """``48 s``, ``3 min 20 s`` or ``2 h 05 min``."""
    total = round(seconds)
    if total < 60:
        return f"{total} s"
    if total < 3600:
        return f"{total // 60} min {total % 60:02d} s"
    return f"{total // 3600} h {total % 3600 // 60:02d} min"


def sizes(size: dict[str, Value]) -> str:
    """A method's size: ``r 8``, ``bottleneck 64``. A dash for a method that has none."""
    return ", ".join(f"{_size_name(name)} {value}" for name, value in size.items()) or NOTHING


def plural(number: int, noun: str) -> str:
    """``1 trial``, ``2 trials``."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def at_step(result: TrialResult) -> str:
    """``60 of 200``: the step of the newest validation point, and the steps of the whole way."""
    last = result.last
    return NOTHING if last is None else f"{last.step} of {result.spec.recipe.max_steps}"


def _size_name(name: str) -> str:
    return name.removeprefix("num_").removesuffix("_size").replace("_", " ")


def unbroken(text: str) -> str:
    """``text`` in which no line ends between a number and its percent sign."""
    return text.replace(" %", "\u00a0%")


def title(metric: str) -> str:
    """A metric's name as people write it: ``pass_at_1`` is pass@1, ``f1_macro`` is f1 macro."""
    return metric.replace("_at_", "@").replace("_", " ")
