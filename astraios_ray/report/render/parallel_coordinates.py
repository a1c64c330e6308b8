"""Parallel coordinates: every trial of a method as a line through its parameters to its loss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from astraios_ray.records import Value
from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.analysis.settings import domains, place_of, trials_at_last_step, varying_domains
from astraios_ray.report.render.plots import CLOSE, Picture, look, shown_range
from astraios_ray.report.wording import loss, plural, rate
from astraios_ray.space.domains import Choice, Domain, Real, Whole

WIDTH, HEIGHT, TOP, BOTTOM, SIDE = 360, 190, 34, 168, 44
BETTER = 1 / 3  # share of the trials that is drawn in the method's colour, the rest in grey
FEWEST = 3  # trials that make a picture


@dataclass(frozen=True)
class UprightAxis:
    """One upright line, with what stands at its lower and its upper end."""

    name: str
    low: str
    high: str


def parallel_coordinates(board: Leaderboard) -> list[Picture]:
    """A picture per method with two varying parameters, at the last step that half its trials passed."""
    pictures = []
    for name, parameters in domains(board).items():
        rows, space = [row for row in board.ranked if row.method == name], varying_domains(parameters)
        step, trials = trials_at_last_step(rows, space, max(FEWEST, (len(rows) + 1) // 2))
        if len(space) >= 2 and step is not None:
            pictures.append(_picture(board, name, space, step, trials))
    return pictures


def _picture(
    board: Leaderboard,
    name: str,
    space: Mapping[str, Domain],
    step: int,
    trials: Sequence[tuple[dict[str, Value], float]],
) -> Picture:
    index, sign = look(board, name)
    losses = sorted(value for _, value in trials)
    low, high = shown_range(losses, CLOSE)
    axes = [UprightAxis(parameter.replace("_", " "), *_ends(domain)) for parameter, domain in space.items()]
    axes.append(UprightAxis("loss", loss(low), loss(high)))
    bound = losses[max(0, round(BETTER * len(losses)) - 1)]
    lines = []
    for values, value in sorted(trials, key=lambda trial: -trial[1]):  # the better ones are drawn last
        heights = [place_of(domain, values[parameter]) for parameter, domain in space.items()]
        end = min(1.0, (value - low) / (high - low)) if high > low else 0.5
        if None not in heights:
            better = value <= bound
            lines.append(_line([*(height or 0.0 for height in heights), end], index if better else None))
    caption = f"{plural(len(lines), 'trial')} at step {step}; in colour the better third by loss"
    words = f"Parallel coordinates through {', '.join(axis.name for axis in axes)}: {caption}"
    return Picture(name, caption, words, _svg(axes, lines), index, sign)


def _ends(domain: Domain) -> tuple[str, str]:
    match domain:
        case Choice(options):
            return str(options[0]), str(options[-1])
        case Real(low, high):
            return rate(low), rate(high)
        case Whole(low, high):
            return str(low), str(high)
    raise AssertionError("a constant is not drawn")


def _svg(axes: Sequence[UprightAxis], lines: Sequence[str]) -> str:
    marks = "".join(_axis(axis, _x(place, len(axes))) for place, axis in enumerate(axes))
    return (
        f'<svg aria-hidden="true" xmlns="http://www.w3.org/2000/svg" font-size="11" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(lines)}{marks}</svg>'
    )


def _line(heights: Sequence[float], color: int | None) -> str:
    points = " ".join(
        f"{_x(place, len(heights)):.1f},{BOTTOM - height * (BOTTOM - TOP):.1f}"
        for place, height in enumerate(heights)
    )
    faint = 'stroke="var(--faint)" stroke-opacity="0.6"'
    bold = f'stroke="var(--m{color})" stroke-width="1.6"'
    look = faint if color is None else bold
    return f'<polyline points="{points}" fill="none" {look}/>'


def _axis(axis: UprightAxis, x: float) -> str:
    text = f'x="{x:.1f}" text-anchor="middle" fill="currentColor"'
    return (
        f'<path d="M{x:.1f} {TOP}V{BOTTOM}" stroke="currentColor"/>'
        f'<text {text} y="12" font-weight="600">{escape(axis.name)}</text>'
        f'<text {text} y="{TOP - 6}">{escape(axis.high)}</text>'
        f'<text {text} y="{BOTTOM + 14}">{escape(axis.low)}</text>'
    )


def _x(place: int, count: int) -> float:
    return SIDE + place * (WIDTH - 2 * SIDE) / max(1, count - 1)
