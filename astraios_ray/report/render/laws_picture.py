"""Losses by the size of the base model, each method with its law."""

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import (
    EngFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    ScalarFormatter,
)

from astraios_ray.report.analysis.scale import Law, Scale
from astraios_ray.report.render.plots import COLORS, MARKERS, SIGNS, STYLE, Picture, svg_of
from astraios_ray.report.wording import plural

BEYOND = (0, (2, 2))  # the line where nothing was measured


def laws_picture(scale: Scale) -> list[Picture]:
    """Both axes logarithmic, so that a law is a line; dashed beyond the largest size. Empty without a law."""
    fitted = [(place, law) for place, law in enumerate(scale.laws) if law.fit]
    if not fitted or scale.at is None:
        return []
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 3.6), layout="constrained")
        axes: Axes = figure.subplots()
        for place, law in fitted:
            _draw(axes, law, scale.at, place)
        _frame(axes)
        svg = svg_of(figure, "laws")
    sizes = len({point.size for _, law in fitted for point in law.points})
    caption = f"{plural(len(fitted), 'method')} at {plural(sizes, 'size')}; dashed: foretold"
    words = f"{caption}; lower is better; the table of laws holds the same numbers"
    return [Picture("Validation loss by parameters of the base", caption, words, svg)]


def legend(scale: Scale) -> list[tuple[str, int, str]]:
    """Every method of the picture with the index of its colour and the sign that stands for its marker."""
    return [
        (law.method, place % len(COLORS), SIGNS[place % len(SIGNS)])
        for place, law in enumerate(scale.laws)
        if law.fit
    ]


def _draw(axes: Axes, law: Law, at: float, place: int) -> None:
    color, marker = COLORS[place % len(COLORS)], MARKERS[place % len(MARKERS)]
    sizes = [float(point.size) for point in law.points]
    axes.plot(sizes, [point.loss for point in law.points], marker, color=color, markersize=6)
    axes.plot(*_line(law, sizes[0], sizes[-1]), color=color, linewidth=1.2)
    if at > sizes[-1]:
        axes.plot(*_line(law, sizes[-1], at), color=color, linewidth=1.2, linestyle=BEYOND)


def _line(law: Law, low: float, high: float) -> tuple[Sequence[float], Sequence[float]]:
    assert law.fit
    sizes = np.geomspace(low, high, 2).tolist()
    return sizes, [law.fit.at(size).value for size in sizes]


def _frame(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("parameters of the base model")
    axes.set_ylabel("validation loss, nats per token")
