"""The report's pictures: SVG text that takes its colours from the page around it."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator, NullFormatter
from matplotlib.transforms import ScaledTranslation

from astraios_ray.records import TrialState, ValidationPoint
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, interval, metric
from astraios_ray.report.wording import finite, loss, plural, title

# Okabe and Ito's palette for colour-blind readers (jfly.uni-koeln.de/color) without its black, its yellow
# darkened to be seen on white; the page has lighter tones for dark mode. Shapes say the same once more.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#b8578f", "#c98a00", "#2f9fd8", "#8f8a00", "#7d5fc4")
MARKERS = "os^DvPX*"
SIGNS = "●■▲◆▼✚✖★"  # the same shapes in text
# These three stand for the page's own colours until the SVG is written.
INK, FAINT, GRID = "#112233", "#445566", "#778899"
WITHIN = 0.98  # share of a curve's losses that the axis shows; the highest few would flatten the rest
CLOSE = 0.9  # share of the trials' losses that an axis shows; the rest stand at its upper end
SIDE_BY_SIDE = 6  # trials with equally many parameters, at most
SAME = "the table holds the same numbers"
Mark = tuple[LeaderboardRow, float, tuple[float, float] | None]  # a trial's row, its height and its interval
STYLE: dict[Any, object] = {
    "svg.fonttype": "none",  # text stays text: small, searchable, in the page's font
    "svg.hashsalt": "astraios-ray",  # the same record gives the same bytes
    "text.parse_math": False,  # a name with a dollar is a name
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": FAINT,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.5,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
}


@dataclass(frozen=True)
class Picture:
    """An SVG element with its title, the line below it, and a description for readers who cannot see it."""

    title: str
    caption: str
    description: str
    svg: str
    color: int = 0  # index of the method's colour on the page, where the picture is of one method
    sign: str = ""


def loss_curves(board: Leaderboard) -> list[Picture]:
    """One small picture per method with a trial measured twice, on common axes. Empty when there is none."""
    everything = [point for row in board.rows for point in _finite(row)]
    if not everything:
        return []
    best = _finite(board.ranked[0]) if board.ranked else []
    rows_by_method = {
        name: [row for row in board.rows if row.method == name and _finite(row)] for name in board.methods
    }
    return [
        _curves(board, name, rows, best, everything)
        for name, rows in rows_by_method.items()
        if any(len(_finite(row)) > 1 for row in rows)  # a single dot is no curve
    ]


def quality_against_size(board: Leaderboard) -> list[Picture]:
    """Score and full-length loss against trainable parameters; each only where there is something to show."""
    sized = [row for row in board.ranked if row.result.cost.trainable_parameters > 0]
    scored = [row for row in sized if row.score is not None]
    full = [row for row in sized if row.full_length]
    return [*([_scores(board, scored)] if scored else []), *([_losses(board, full)] if full else [])]


def legend(board: Leaderboard) -> list[tuple[str, int, str]]:
    """Every method with the index of its colour and the sign that stands for its marker."""
    return [(name, *look(board, name)) for name in board.methods]


def _curves(
    board: Leaderboard,
    name: str,
    rows: Sequence[LeaderboardRow],
    best: Sequence[ValidationPoint],
    everything: Sequence[ValidationPoint],
) -> Picture:
    color, sign = look(board, name)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(3.5, 2.3), layout="constrained")
        axes = figure.subplots()
        axes.plot(*_xy(best), color=INK, linewidth=1, linestyle=(0, (2, 2)))
        _lines(axes, rows, COLORS[color])
        _frame(axes, everything)
        svg = svg_of(figure, f"curve{board.methods.index(name)}")
    caption = _caption(rows)
    return Picture(name, caption, f"Validation loss by step: {caption}", svg, color, sign)


def _caption(rows: Sequence[LeaderboardRow]) -> str:
    first = rows[0]
    where = f", best {loss(first.validation_loss)} at step {first.step}" if first.rank else ""
    return f"{plural(len(rows), 'trial')}{where}"


def _lines(axes: Axes, rows: Sequence[LeaderboardRow], color: str) -> None:
    """Every trial's curve; a dot where it was stopped, a cross where it diverged or failed."""
    bold = 0.9 if len(rows) < 30 else 0.5
    axes.add_collection(
        LineCollection([_xy_pairs(row) for row in rows], colors=color, linewidths=1.4, alpha=bold),
        autolim=False,
    )
    for marker, states in (
        ("o", (TrialState.STOPPED, TrialState.PAUSED, TrialState.RUNNING)),
        ("x", (TrialState.DIVERGED, TrialState.FAILED)),
    ):
        ends = [_finite(row)[-1] for row in rows if row.result.state in states]
        if ends:
            axes.plot(*_xy(ends), marker, color=color, markersize=4.5, zorder=3)


def _frame(axes: Axes, everything: Sequence[ValidationPoint]) -> None:
    """Axes that all small pictures share."""
    low, high = shown_range([point.loss for point in everything], WITHIN)
    pad = 0.06 * (high - low) or 0.05
    axes.set_ylim(low - pad, high + pad)
    axes.set_xlim(0, 1.03 * max(point.step for point in everything) or 1)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5))


def _scores(board: Leaderboard, rows: Sequence[LeaderboardRow]) -> Picture:
    with matplotlib.rc_context(STYLE):
        figure, axes = _scatter()
        _marks(figure, axes, board, [(row, row.value or 0.0, row.interval) for row in rows], scale=100)
        _base_band(axes, board)
        axes.set_ylabel(f"{title(board.ranking)} on {board.task}, %")
        svg = svg_of(figure, "scores")
    caption = f"{plural(len(rows), 'scored trial')} with 95 % intervals; higher is better"
    return Picture(f"{title(board.ranking)} on {board.task}", caption, f"{caption}; {SAME}", svg)


def _losses(board: Leaderboard, rows: Sequence[LeaderboardRow]) -> Picture:
    with matplotlib.rc_context(STYLE):
        figure, axes = _scatter()
        _marks(figure, axes, board, [(row, row.validation_loss or 0.0, None) for row in rows])
        axes.set_ylabel("validation loss, nats per token")
        svg = svg_of(figure, "losses")
    caption = f"{plural(len(rows), 'trial')} at full length; lower is better"
    return Picture("Validation loss", caption, f"{caption}; {SAME}", svg)


def _scatter() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(4.6, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("trainable parameters")
    axes.margins(0.08)
    return figure, axes


def _marks(figure: Figure, axes: Axes, board: Leaderboard, marks: Sequence[Mark], scale: float = 1) -> None:
    """One marker per row; a few with equally many parameters stand side by side, not on each other."""
    groups: dict[int, list[Mark]] = {}
    order = {name: place for place, name in enumerate(board.methods)}
    for mark in sorted(marks, key=lambda mark: order[mark[0].method]):
        groups.setdefault(mark[0].result.cost.trainable_parameters, []).append(mark)
    for parameters, group in groups.items():
        step = (
            8.0 if len(group) <= SIDE_BY_SIDE else 0.0
        )  # points on paper; a long row would look like a trend
        for place, (row, height, span) in enumerate(group):
            shift = ScaledTranslation((place - (len(group) - 1) / 2) * step / 72, 0, figure.dpi_scale_trans)
            index = order[row.method]
            color, marker = COLORS[index % len(COLORS)], MARKERS[index % len(MARKERS)]
            lines = axes.plot([parameters], [scale * height], marker, color=color, markersize=6.5, zorder=3)
            if span is not None:
                ends = [scale * end for end in span]
                lines += axes.plot([parameters] * 2, ends, color=color, linewidth=1.2, alpha=0.7, zorder=2)
            for line in lines:  # after all are drawn: a line with another transform does not widen the axes
                line.set_transform(axes.transData + shift)


def _base_band(axes: Axes, board: Leaderboard) -> None:
    base, span = metric(board.base, board.ranking), interval(board.base, board.ranking)
    if base is None:
        return
    axes.axhline(100 * base, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    if span is not None:
        axes.axhspan(100 * span[0], 100 * span[1], color=INK, alpha=0.08, linewidth=0)
    axes.annotate(
        "untuned base", (1, 100 * base), xycoords=("axes fraction", "data"), xytext=(0, 3),
        textcoords="offset points", ha="right",
    )  # fmt: skip


def shown_range(losses: Sequence[float], share: float) -> tuple[float, float]:
    """The lowest loss, and the one that this share of them lies below."""
    sorted_losses = sorted(losses)
    return sorted_losses[0], sorted_losses[min(len(sorted_losses) - 1, int(share * len(sorted_losses)))]


def look(board: Leaderboard, name: str) -> tuple[int, str]:
    """A method's colour, as an index, and the sign that stands for its marker."""
    index = board.methods.index(name)
    return index % len(COLORS), SIGNS[index % len(SIGNS)]


def _finite(row: LeaderboardRow) -> list[ValidationPoint]:
    return [point for point in row.result.points if finite(point.loss) is not None]


def _xy(points: Sequence[ValidationPoint]) -> tuple[list[int], list[float]]:
    return [point.step for point in points], [point.loss for point in points]


def _xy_pairs(row: LeaderboardRow) -> list[tuple[float, float]]:
    return [(float(point.step), point.loss) for point in _finite(row)]


def svg_of(figure: Figure, prefix: str) -> str:
    """The figure as an SVG element without size, with ids of its own and the page's colours."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = re.sub(r"<svg", '<svg aria-hidden="true"', text, count=1)
    text = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{prefix}-", text)
    text = text.replace(INK, "currentColor").replace(FAINT, "var(--faint)").replace(GRID, "var(--line)")
    for index, color in enumerate(COLORS):
        text = text.replace(color, f"var(--m{index})")
    return text
