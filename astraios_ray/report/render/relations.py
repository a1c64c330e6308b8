"""Pictures of loss against score and against parameters."""

from collections.abc import Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from astraios_ray.records import Value
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow
from astraios_ray.report.analysis.loss_as_proxy import losses_and_scores
from astraios_ray.report.analysis.settings import RATE, domains, place_of, value_of, varying_domains
from astraios_ray.report.render.plots import CLOSE, COLORS, MARKERS, STYLE, Picture, look, shown_range, svg_of
from astraios_ray.report.wording import finite, plural, rate, title
from astraios_ray.space.domains import Choice, Constant, Domain

FEWEST = 3  # marks that make a picture


def loss_against_score(board: Leaderboard) -> list[Picture]:
    """Each trial's score on the ranking task by its full-length loss. Empty with fewer than three."""
    points = losses_and_scores(board, board.task)
    if len(points) < FEWEST:
        return []
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure((4.6, 3.2))
        _marks(axes, board, [(row, loss, 100 * score) for row, loss, score in points])
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.set_xlabel("validation loss, nats per token")
        axes.set_ylabel(f"{title(board.ranking)} on {board.task}, %")
        svg = svg_of(figure, "proxy")
    caption = f"{plural(len(points), 'trial')} at full length"
    words = (
        f"{caption}; from lower losses on the left to higher ones; the table of all trials has the numbers"
    )
    return [Picture("Score by validation loss", caption, words, svg)]


def loss_against_rate(board: Leaderboard) -> list[Picture]:
    """One small picture per method: the last loss of each trial by its learning rate, early ones hollow."""
    pictures, by_method = [], domains(board)
    for name in board.methods:
        rows = [
            row for row in board.ranked if row.method == name and finite(row.result.spec.recipe.learning_rate)
        ]
        if len(rows) >= FEWEST:
            pictures.append(_slice(board, name, rows, RATE, by_method.get(name, {}).get(RATE)))
    return pictures


def loss_against_others(board: Leaderboard) -> list[Picture]:
    """The same by every other parameter that was drawn from a study's own ranges and options."""
    pictures = []
    for name, parameters in domains(board).items():
        for parameter, domain in varying_domains(parameters).items():
            rows = [row for row in board.ranked if row.method == name]
            rows = [row for row in rows if place_of(domain, value_of(row.result.spec, parameter)) is not None]
            if parameter != RATE and len(rows) >= FEWEST:
                pictures.append(_slice(board, name, rows, parameter, domain))
    return pictures


def _slice(
    board: Leaderboard, name: str, rows: Sequence[LeaderboardRow], parameter: str, domain: Domain | None
) -> Picture:
    color, sign = look(board, name)
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure((3.5, 2.3))
        _, top = shown_range([row.validation_loss or 0.0 for row in rows], CLOSE)
        for full, fill in ((False, "none"), (True, COLORS[color])):
            group = [row for row in rows if row.full_length is full]
            xs = [_x_value(value_of(row.result.spec, parameter), domain) for row in group]
            ys = [min(row.validation_loss or 0.0, top) for row in group]
            axes.plot(xs, ys, MARKERS[color], color=COLORS[color], markerfacecolor=fill, markersize=6)
        _scale(axes, domain)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        svg = svg_of(figure, f"{parameter}{board.methods.index(name)}")
    full_count = sum(row.full_length for row in rows)
    parameter_name = parameter.replace("_", " ")
    caption = f"by {parameter_name}: {plural(len(rows), 'trial')}, {full_count} at full length (filled)"
    words = f"last loss {caption}; the table of all trials has the numbers"
    return Picture(name, caption, words, svg, color, sign)


def _x_value(value: Value, domain: Domain | None) -> float:
    if isinstance(domain, Choice):
        return float(domain.options.index(value))
    assert isinstance(value, int | float)
    return float(value)


def _scale(axes: Axes, domain: Domain | None) -> None:
    """A logarithmic axis for rates and log ranges, a tick per option of a choice, else a linear axis."""
    if isinstance(domain, Choice):
        axes.set_xticks(range(len(domain.options)), [str(option) for option in domain.options])
        axes.set_xlim(-0.5, len(domain.options) - 0.5)
    elif domain is None or isinstance(domain, Constant) or domain.log:
        axes.set_xscale("log")
        low, high = (
            axes.get_xlim() if domain is None or isinstance(domain, Constant) else (domain.low, domain.high)
        )
        axes.set_xlim(*_widened(low, high))
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
        axes.xaxis.set_major_formatter(lambda value, _: rate(value))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5))


def _widened(low: float, high: float) -> tuple[float, float]:
    """The range widened by a margin, and to a decade at least, so that the axis has ticks."""
    factor = max(1.12, (10 / (high / low)) ** 0.5)
    return low / factor, high * factor


def _figure(size: tuple[float, float]) -> tuple[Figure, Axes]:
    figure = Figure(figsize=size, layout="constrained")
    axes: Axes = figure.subplots()
    axes.margins(0.08)
    return figure, axes


def _marks(axes: Axes, board: Leaderboard, marks: Sequence[tuple[LeaderboardRow, float, float]]) -> None:
    for name in dict.fromkeys(row.method for row, _, _ in marks):
        index, _ = look(board, name)
        xs = [x for row, x, _ in marks if row.method == name]
        ys = [y for row, _, y in marks if row.method == name]
        axes.plot(xs, ys, MARKERS[index], color=COLORS[index], markersize=6.5)
