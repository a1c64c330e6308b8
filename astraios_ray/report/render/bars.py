"""Pictures of horizontal bars from 0 to 100 %: the Astraios cards, robustness and security."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from astraios_ray.report.analysis.card import Card, cards
from astraios_ray.report.analysis.leaderboard import Leaderboard, interval, metric
from astraios_ray.report.analysis.metric_names import CLEAN, VALID, WEAK, WORST
from astraios_ray.report.analysis.scored_models import BASE, Model
from astraios_ray.report.render.plots import SAME, Picture, look
from astraios_ray.report.sections.robustness import categories
from astraios_ray.report.sections.security import programs
from astraios_ray.report.wording import amount, percent, plural

LEFT, RIGHT, WIDTH, HEIGHT = 104, 62, 360, 24  # of names, of numbers, of the picture, of a bar with its gap
INK, FAINT, LINE = "currentColor", "var(--faint)", "var(--line)"
CLEAN_FILL, WEAK_FILL = "var(--m2)", "var(--m1)"
LONGEST = 15  # characters of a name


@dataclass(frozen=True)
class Part:
    """A segment of a bar, drawn after the segment before it. ``share`` is a fraction of the full width."""

    share: float
    fill: str


@dataclass(frozen=True)
class Bar:
    """One line: a name, its segments, a number as text, and perhaps an interval and a mark."""

    name: str
    parts: tuple[Part, ...]
    text: str
    interval: tuple[float, float] | None = None
    mark: float | None = None


def card_pictures(board: Leaderboard) -> list[Picture]:
    """One picture per method: four scores, and its training time beside the slowest method's."""
    method_cards = cards(board)
    return [_card(board, card, method_cards) for card in method_cards]


def robustness_pictures(board: Leaderboard) -> list[Picture]:
    """One picture per category of changes: RP@1 of every method, a mark at pass@1 without changes."""
    return [_robust(board, category, models) for category, models in categories(board).items()]


def security_pictures(board: Leaderboard) -> list[Picture]:
    """One picture per task: how the samples of every method divide."""
    return [_secure(task, models) for task, models in programs(board).items()]


def _card(board: Leaderboard, card: Card, peers: Sequence[Card]) -> Picture:
    index, sign = look(board, card.method)
    fill = f"var(--m{index})"
    scores = [
        Bar(
            axis.name,
            (Part(axis.value or 0.0, fill),),
            "not asked" if axis.value is None else percent(axis.value),
        )
        for axis in card.axes
    ]
    cost = Bar("seconds", (Part(card.share_of_cost(peers), FAINT),), f"{amount(card.seconds)} s")
    words = ", ".join(f"{bar.name} {bar.text}" for bar in (*scores, cost))
    return Picture(
        card.method, f"{card.row.trial}; grey: less is better", words, _svg([*scores, cost]), index, sign
    )


def _robust(board: Leaderboard, category: str, models: Sequence[Model]) -> Picture:
    bars = []
    for model in models:
        value = metric(model.score, WORST + category)
        part = Part(value or 0.0, _fill(board, model))
        span = interval(model.score, WORST + category)
        bars.append(Bar(model.name, (part,), percent(value), span, metric(model.score, "pass_at_1")))
    caption = (
        f"RP@1 over {plural(models[0].score.counts.get(WORST + category, 0), 'problem')}, 95 % intervals; "
    )
    caption += "the tick is pass@1 unchanged"
    return Picture(f"Changes of {category}", caption, f"{_words(bars)}; {SAME}", _svg(bars))


def _secure(task: str, models: Sequence[Model]) -> Picture:
    bars = [_divided(model) for model in models]
    caption = "from the left: valid and clean (green), weak (orange), valid but not judged (grey), not valid"
    return Picture(f"Samples on {task}", caption, f"valid and clean: {_words(bars)}; {SAME}", _svg(bars))


def _divided(model: Model) -> Bar:
    """A model's samples: clean, weak, valid without a judge; the rest is not valid."""
    score = model.score
    valid, clean = metric(score, VALID) or 0.0, metric(score, CLEAN) or 0.0
    judged, samples = score.counts.get(WEAK, 0), score.counts.get(VALID, 0)
    weak_share = (metric(score, WEAK) or 0.0) * judged / samples if samples else 0.0
    parts = (
        Part(clean, CLEAN_FILL),
        Part(weak_share, WEAK_FILL),
        Part(max(0.0, valid - clean - weak_share), FAINT),
    )
    return Bar(model.name, parts, percent(metric(score, CLEAN)))


def _fill(board: Leaderboard, model: Model) -> str:
    return FAINT if model.name == BASE else f"var(--m{look(board, model.name)[0]})"


def _words(bars: Sequence[Bar]) -> str:
    return ", ".join(f"{bar.name} {bar.text}" for bar in bars)


def _svg(bars: Sequence[Bar]) -> str:
    lines = "".join(_line(bar, place * HEIGHT) for place, bar in enumerate(bars))
    return (
        f'<svg aria-hidden="true" xmlns="http://www.w3.org/2000/svg" font-size="12" '
        f'viewBox="0 0 {WIDTH} {len(bars) * HEIGHT + 2}">{lines}</svg>'
    )


def _line(bar: Bar, top: int) -> str:
    name = bar.name if len(bar.name) <= LONGEST else f"{bar.name[: LONGEST - 1]}…"
    middle, right = top + HEIGHT / 2, _x(1.0)
    text = f'y="{middle + 4:g}" fill="{INK}"'
    pieces, start = [_box(0.0, 1.0, top, LINE, 0.5)], 0.0
    for part in bar.parts:
        pieces.append(_box(start, min(1.0, start + part.share), top, part.fill))
        start += part.share
    if bar.interval is not None:
        ends = [_x(end) for end in bar.interval]
        pieces.append(
            f'<path d="M{ends[0]:.1f} {middle:g}H{ends[1]:.1f}" stroke="{INK}" stroke-width="1.5"/>'
        )
    if bar.mark is not None:
        pieces.append(
            f'<path d="M{_x(bar.mark):.1f} {top + 2}v{HEIGHT - 4}" stroke="{INK}" stroke-width="2"/>'
        )
    return (
        f'<text x="{LEFT - 6}" {text} text-anchor="end">{escape(name)}</text>{"".join(pieces)}'
        f'<text x="{right + 6:g}" {text}>{escape(bar.text)}</text>'
    )


def _box(start: float, end: float, top: int, fill: str, opacity: float = 1.0) -> str:
    x, width = _x(start), _x(end) - _x(start)
    faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
    place = f'x="{x:.1f}" y="{top + 5}" width="{width:.1f}" height="{HEIGHT - 10}"'
    return f'<rect {place} fill="{fill}"{faint}/>'


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)
