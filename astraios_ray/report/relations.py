"""Pictures of loss beside what it stands for and what it depends on."""

from collections.abc import Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from astraios_ray.report.leaderboard import Leaderboard, Row
from astraios_ray.report.plots import COLORS, MARKERS, STYLE, Picture, look, svg_of
from astraios_ray.report.proxy import measured
from astraios_ray.report.wording import finite, plural, rate, title

CLOSE = 0.9  # share of the losses that the axis shows; the rest stand on its upper end
FEWEST = 3  # marks that make a picture


def loss_against_score(board: Leaderboard) -> list[Picture]:
    """Each trial's score on the ranking task by its full-length loss. Empty with fewer than three."""
    known = measured(board, board.task)
    if len(known) < FEWEST:
        return []
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure((4.6, 3.2))
        _marks(axes, board, [(row, loss, 100 * score) for row, loss, score in known])
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.set_xlabel("validation loss, nats per token")
        axes.set_ylabel(f"{title(board.ranking)} on {board.task}, %")
        svg = svg_of(figure, "proxy")
    caption = f"{plural(len(known), 'trial')} at full length"
    words = (
        f"{caption}; from lower losses on the left to higher ones; the table of all trials has the numbers"
    )
    return [Picture("Score by validation loss", caption, words, svg)]


def loss_against_rate(board: Leaderboard) -> list[Picture]:
    """One small picture per method: the last loss of each trial by its learning rate, early ones hollow."""
    pictures = []
    for name in board.methods:
        rows = [
            row for row in board.ranked if row.method == name and finite(row.result.spec.recipe.learning_rate)
        ]
        if len(rows) >= FEWEST:
            pictures.append(_slice(board, name, rows))
    return pictures


def _slice(board: Leaderboard, name: str, rows: Sequence[Row]) -> Picture:
    color, sign = look(board, name)
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure((3.5, 2.3))
        losses = sorted(row.validation_loss or 0.0 for row in rows)
        top = losses[min(len(losses) - 1, int(CLOSE * len(losses)))]
        for full, fill in ((False, "none"), (True, COLORS[color])):
            own = [row for row in rows if row.full_length is full]
            across = [row.result.spec.recipe.learning_rate for row in own]
            up = [min(row.validation_loss or 0.0, top) for row in own]
            axes.plot(across, up, MARKERS[color], color=COLORS[color], markerfacecolor=fill, markersize=6)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
        axes.xaxis.set_major_formatter(lambda value, _: rate(value))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_locator(MaxNLocator(5))
        svg = svg_of(figure, f"rate{board.methods.index(name)}")
    whole = sum(row.full_length for row in rows)
    caption = f"{plural(len(rows), 'trial')}, {whole} at full length (filled)"
    words = f"last loss by learning rate: {caption}; the table of all trials has the numbers"
    return Picture(name, caption, words, svg, color, sign)


def _figure(size: tuple[float, float]) -> tuple[Figure, Axes]:
    figure = Figure(figsize=size, layout="constrained")
    axes: Axes = figure.subplots()
    axes.margins(0.08)
    return figure, axes


def _marks(axes: Axes, board: Leaderboard, marks: Sequence[tuple[Row, float, float]]) -> None:
    for name in dict.fromkeys(row.method for row, _, _ in marks):
        index, _ = look(board, name)
        across = [x for row, x, _ in marks if row.method == name]
        up = [y for row, _, y in marks if row.method == name]
        axes.plot(across, up, MARKERS[index], color=COLORS[index], markersize=6.5)
