"""The display for a terminal: one panel that is redrawn in place."""

import sys
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from astraios_ray.displays.progress_words import clean, clock, counts, ended, time_left
from astraios_ray.search.progress import Progress

BAR = 40  # characters, where the terminal is wide enough
STYLES = {  # of a trial's state in the bar, in the bar's order
    "complete": "green",
    "stopped": "cyan",
    "diverged": "red",
    "failed": "red",
    "running": "yellow",
    "paused": "blue",
}


class RichDisplay:
    """A live panel; notes are printed above it. ``close`` leaves the last state on the screen."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream)
        self._live = Live(
            Text("starting"),
            console=self._console,
            refresh_per_second=4,
            redirect_stdout=sys.stdout.isatty(),  # else a result piped away would end up on the terminal
        )
        self._live.start()

    def update(self, progress: Progress) -> None:
        """Show ``progress`` at the next redraw."""
        self._live.update(panel(progress, self._console.width))

    def note(self, text: str) -> None:
        """Print ``text`` above the panel, once."""
        self._console.print(Text(clean(text)))

    def close(self) -> None:
        """Give the terminal back. May be called twice."""
        self._live.stop()


def panel(progress: Progress, width: int) -> Panel:
    """The panel for a terminal of ``width`` characters."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in _lines(progress, width):
        grid.add_row(name, value)
    return Panel(Group(grid), title=Text(f"astraios-ray: {clean(progress.phase)}"), title_align="left")


def _lines(progress: Progress, width: int) -> list[tuple[str, Text]]:
    passed = f"{clock(progress.seconds)} elapsed, {time_left(progress)}"
    lanes = f"{progress.lanes} alive" if progress.lanes else "none yet"
    scored = f"{progress.scored} of {progress.to_score} models" if progress.to_score else ""
    lines = [
        ("Trials", _bar(progress, min(BAR, width - 32)) if progress.planned else Text("")),
        ("", Text(counts(progress))),
        ("Rung", Text(clean(progress.rung))),
        ("", _share_bar(progress.share, min(BAR, width - 32))),
        ("Best", Text(clean(progress.best), style="green")),
        ("Scored", Text(scored)),
        ("Lanes", Text(lanes)),
        ("", Text(progress.stopped_lanes, style="red")),
        ("Time", Text(passed)),
    ]
    return [(name, text) for name, text in lines if text.plain]


def _share_bar(share: float | None, width: int) -> Text:
    """The finished part of a long step, and what is still to come; nothing without a share."""
    if share is None:
        return Text("")
    past = max(0, round(width * share))
    return Text("━" * past, style="green").append("─" * (width - past), style="dim")


def _bar(progress: Progress, width: int) -> Text:
    """Ended trials by state, then running and paused ones, then what is still to come; and the count."""
    numbers = {**progress.ended, "running": progress.running, "paused": progress.paused}
    total = max(progress.planned, sum(numbers.values()), 1)
    text, subtotal, column = Text(), 0, 0
    for state in [*STYLES, *(name for name in numbers if name not in STYLES)]:
        subtotal += numbers.get(state, 0)
        upto = max(0, round(width * subtotal / total))
        sign = "━" if state in progress.ended else "╍"
        text.append(sign * (upto - column), style=STYLES.get(state, ""))
        column = upto
    text.append("─" * (width - column), style="dim")
    count = ended(progress)
    text.append(f"{' ' if width > 0 else ''}{count}/{progress.planned} ended")
    return text
