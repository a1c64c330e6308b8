"""How methods fare as the base model grows."""

from collections.abc import Sequence
from math import isfinite
from statistics import median
from typing import Any

from astraios_ray.report.analysis.scale import LOSS, Law, MethodOrder, Scale
from astraios_ray.report.sections.agreements import spearman
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.statistics.power_law import Prediction
from astraios_ray.report.tables import Cell, Table
from astraios_ray.report.wording import NOTHING, listed, loss, plural, points

TITLE = "As the base model grows"
FAR = 0.1  # a law that misses the largest size by more than this share is not to be extrapolated
UNITS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))


def scale_section(scale: Scale) -> Section:
    """Laws of the loss, their predictions and errors, and the methods' order from size to size."""
    sizes = sorted({size for size in scale.sizes.values() if size})
    if len(sizes) < 2:
        return Section("scale", TITLE, (_one_size(scale, sizes),), values=_plain(scale))
    fitted = [law for law in scale.laws if law.fit]
    sentences = [
        f"{plural(len(sizes), 'size')} of base model: {listed(list(map(parameters, sizes)))} parameters.",
        *_not_recorded(scale),
        *_not_comparable(scale),
        *_steepness(fitted),
        *_check(fitted),
        *_prediction(scale, fitted),
        *_transfer(scale.orders, sizes),
    ]
    tables = [("Laws of the loss", _laws(scale, fitted))] if fitted else []
    tables += [("The methods' order from size to size", _orders(scale.orders))] if scale.orders else []
    return Section("scale", TITLE, tuple(sentences), tuple(tables), _notes(fitted), _plain(scale))


def parameters(size: float) -> str:
    """``1.14B``, ``436k``: a number of parameters, three digits."""
    for unit, name in UNITS:
        if size >= unit:
            return f"{size / unit:.3g}{name}"
    return f"{size:.0f}"


def _one_size(scale: Scale, sizes: Sequence[int]) -> str:
    unrecorded = [name for name, size in scale.sizes.items() if not size]
    if unrecorded:
        return f"Unknown: how large the base is was not recorded in {listed(unrecorded)}."
    return f"Unknown: all studies are of one size, {parameters(sizes[0])} parameters."


def _not_recorded(scale: Scale) -> list[str]:
    unrecorded = [name for name, size in scale.sizes.items() if not size]
    return (
        [f"Left out, since how large the base is was not recorded: {listed(unrecorded)}."]
        if unrecorded
        else []
    )


def _not_comparable(scale: Scale) -> list[str]:
    if scale.different:
        return [f"No law: losses differ by more than size, by {listed(scale.different)}."]
    return []


def _steepness(fitted: Sequence[Law]) -> list[str]:
    if not fitted:
        return []
    spans = [law.fit.exponent_interval for law in fitted if law.fit and law.fit.exponent_interval]
    if spans and all(low <= 0 for low, _ in spans):
        return ["That losses fall with size is shown for no method: every interval of an exponent holds 0."]
    steepest = max(fitted, key=lambda law: law.fit.exponent if law.fit else 0.0)
    assert steepest.fit
    part, span = _share_left(steepest.fit.exponent), steepest.fit.exponent_interval
    words = f" ({_percent(_share_left(span[1]))} to {_percent(_share_left(span[0]))})" if span else ""
    return [
        f"The loss of {steepest.method} falls fastest: ten times the parameters leave {_percent(part)}{words}"
        f" of it, by {plural(len(steepest.points), 'size')}."
    ]


def _check(fitted: Sequence[Law]) -> list[str]:
    checks = [law.left_out for law in fitted if law.left_out]
    if not checks:
        return ["Two sizes are no check of a law: run a third."] if fitted else []
    errors = [abs(check.error) for check in checks]
    hits = [check.interval_holds for check in checks if check.interval_holds is not None]
    hit_words = f"; {sum(hits)} of {plural(len(hits), 'interval')} held what was measured" if hits else ""
    sentence = (
        f"With the largest size left out, the laws foretell it within {_percent(median(errors), 1)} in the "
        f"median of {plural(len(checks), 'method')}, {_percent(max(errors), 1)} at worst{hit_words}."
    )
    if median(errors) > FAR or (hits and sum(hits) < len(hits) / 2):
        return [sentence, "So do not follow them to a larger size."]
    return [sentence]


def _prediction(scale: Scale, fitted: Sequence[Law]) -> list[str]:
    predictions = [(law.method, law.next) for law in fitted if law.next]
    if not predictions or scale.at is None:
        return []
    predictions.sort(key=lambda prediction: prediction[1].value)
    name, first = predictions[0]
    sentence = (
        f"At {parameters(scale.at)} parameters {name} is foretold the lowest loss, {_prediction_words(first)}"
    )
    if first.interval is None:
        return [f"{sentence}: of two sizes, so nothing says how surely."]
    overlaps = [
        method
        for method, prediction in predictions[1:]
        if prediction.interval and prediction.interval[0] <= first.interval[1]
    ]
    overlap_words = f"; the foretold intervals of {listed(overlaps)} reach into this one" if overlaps else ""
    return [f"{sentence}{overlap_words}. Foretold losses have no problems to pair, so no test compares them."]


def _transfer(orders: Sequence[MethodOrder], sizes: Sequence[int]) -> list[str]:
    """From the smallest size to the largest, for every quality."""
    return [_order_words(order) for order in orders if (order.smaller, order.larger) == (sizes[0], sizes[-1])]


def _order_words(order: MethodOrder) -> str:
    quality = "loss" if order.quality == LOSS else order.quality
    agreement = order.agreement
    sentence = f"By {quality}, the best method at {parameters(order.smaller)}, {order.first}, "
    sentence += f"is number {order.place} of {order.methods} at {parameters(order.larger)}"
    sentence += f", {_gap_words(order)} behind the best" if order.gap else ""
    if agreement is None:
        return f"{sentence}; fewer than 5 methods in common, so no agreement of orders."
    return f"{sentence}; the orders agree by {spearman(agreement, '; Spearman')}."


def _laws(scale: Scale, fitted: Sequence[Law]) -> Table:
    size = parameters(scale.at or 0.0)
    columns = [("method", False), ("sizes", True), ("exponent (95 %)", True), ("loss at the largest", True)]
    columns += [("foretold without it (95 %)", True), ("off by", True), (f"foretold at {size} (95 %)", True)]
    return table(columns, [_law_cells(law) for law in fitted])


def _law_cells(law: Law) -> list[Cell | str]:
    assert law.fit and law.next
    span = law.fit.exponent_interval
    exponent = f"{law.fit.exponent:.3f}" + (f" ({span[0]:.3f} to {span[1]:.3f})" if span else "")
    out = law.left_out
    return [
        law.method,
        Cell(str(len(law.points)), len(law.points)),
        Cell(exponent, law.fit.exponent),
        Cell(loss(law.points[-1].loss), law.points[-1].loss),
        Cell(_prediction_words(out.prediction), out.prediction.value) if out else Cell(NOTHING),
        Cell(f"{100 * out.error:+.1f} %", abs(out.error)) if out else Cell(NOTHING),
        Cell(_prediction_words(law.next), law.next.value),
    ]


def _orders(orders: Sequence[MethodOrder]) -> Table:
    columns = [("by", False), ("from", True), ("to", True), ("methods", True), ("Spearman (95 %)", True)]
    columns += [
        ("best at the smaller", False),
        ("its place at the larger", True),
        ("behind the best there", True),
    ]
    return table(columns, [_order_cells(order) for order in orders])


def _order_cells(order: MethodOrder) -> list[Cell | str]:
    agreement = order.agreement
    return [
        order.quality,
        Cell(parameters(order.smaller), order.smaller),
        Cell(parameters(order.larger), order.larger),
        Cell(str(order.methods), order.methods),
        Cell(spearman(agreement), agreement.spearman) if agreement else Cell(NOTHING),
        order.first,
        Cell(str(order.place), order.place),
        Cell(_gap_words(order), order.gap),
    ]


def _notes(fitted: Sequence[Law]) -> tuple[str, ...]:
    order = "Orders are of each method's best trial; intervals are bootstraps over methods."
    if not fitted:
        return (order,)
    return (
        "A law is loss = factor \u00d7 parameters^-exponent, least squares on logarithms, through each "
        "method's lowest full-length loss at each size; intervals are Student's, of as few points as there "
        "are sizes. It has no floor, so far beyond the largest size it promises too much.",
        order,
    )


def _prediction_words(prediction: Prediction) -> str:
    span = (
        f" ({loss(prediction.interval[0])} to {loss(prediction.interval[1])})" if prediction.interval else ""
    )
    return f"{loss(prediction.value)}{span}"


def _gap_words(order: MethodOrder) -> str:
    if order.quality == LOSS:
        return f"{loss(order.gap)} nats"
    return f"{points(order.gap).lstrip('+')} points"


def _share_left(exponent: float) -> float:
    return float(10**-exponent)


def _percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f} %" if isfinite(share) else NOTHING


def _plain(scale: Scale) -> dict[str, Any]:
    return {
        "base_parameters": dict(scale.sizes),
        "different": list(scale.different),
        "at": scale.at,
        "laws": {law.method: _plain_law(law) for law in scale.laws},
        "orders": [_plain_order(order) for order in scale.orders],
    }


def _plain_law(law: Law) -> dict[str, Any]:
    out, fit = law.left_out, law.fit
    return {
        "points": [vars(point) for point in law.points],
        "exponent": fit and fit.exponent,
        "exponent_interval": fit and fit.exponent_interval,
        "factor": fit and fit.factor,
        "foretold": law.next and vars(law.next),
        "left_out": out
        and {**vars(out.prediction), "measured": out.measurement.loss, "held": out.interval_holds},
    }


def _plain_order(order: MethodOrder) -> dict[str, Any]:
    agreement = order.agreement
    return {
        "by": order.quality,
        "base_parameters": [order.smaller, order.larger],
        "methods": order.methods,
        "spearman": agreement and agreement.spearman,
        "spearman_interval": agreement and agreement.spearman_interval,
        "kendall": agreement and agreement.kendall,
        "kendall_interval": agreement and agreement.kendall_interval,
        "first": order.first,
        "place": order.place,
        "lost": order.gap,
    }
